"""安全策略: what holds, what is proposed, and the second person's yes or no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import policy
from accounts.middleware import origin_of
from accounts.models import Policy, Role
from audit.parties import Target
from govvoice.portal.pages import page, staff_of, staff_page
from govvoice.portal.steps import decide
from govvoice.problems import Problem

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Policy]
else:
    _ModelForm = forms.ModelForm

PROPOSE = "accounts.propose_policy"
CONFIRM = "accounts.confirm_policy"
_SHOWN = 10


class PolicyForm(_ModelForm):
    """Numbers within their bounds, and for each role its networks, one a line."""

    class Meta:
        model = Policy
        fields = (*Policy.BOUNDS, "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (lowest, highest) in Policy.BOUNDS.items():
            field = self.fields[name]
            field.validators += [MinValueValidator(lowest), MaxValueValidator(highest)]
            field.widget.attrs |= {"min": lowest, "max": highest}
            field.help_text = _("%(lowest)d 至 %(highest)d") % {"lowest": lowest, "highest": highest}
        for role in Role.objects.exclude(duty=Role.Duty.NONE):
            self.fields[f"networks_{role.code}"] = forms.CharField(
                label=role.name,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2, "class": "gv-mono"}),
                initial="\n".join(self.instance.networks.get(role.code, [])),
            )

    @property
    def number_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in Policy.BOUNDS]

    @property
    def network_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("networks_")]

    @property
    def values(self) -> dict[str, Any]:
        """The policy's fields, once the form is valid."""
        given = {name: self.cleaned_data[name] for name in self.Meta.fields}
        networks = {
            name.removeprefix("networks_"): text.replace(",", " ").split()
            for name, text in self.cleaned_data.items()
            if name.startswith("networks_")
        }
        return given | {"networks": {role: found for role, found in networks.items() if found}}


@staff_page(PROPOSE, CONFIRM)
@require_safe
def policy_page(request: HttpRequest) -> HttpResponse:
    return _show(request)


@staff_page(PROPOSE)
@require_POST
def propose(request: HttpRequest) -> HttpResponse:
    form = PolicyForm(request.POST)
    if not form.is_valid():
        return _show(request, form=form, problem=Problem(422, "policy_invalid", _("请修改标出的项目。")))

    def put() -> None:
        policy.propose(staff=staff_of(request), fields=form.values, origin=origin_of(request))

    return decide(
        request,
        put,
        action="policy.proposed",
        target=Target(type="policy", name=_("安全策略")),
        done=_("已提出变更，须由另一人确认后生效。"),
        onward=reverse("admin:policy"),
        show=lambda problem: _show(request, form=form, problem=problem),
    )


@staff_page(PROPOSE, CONFIRM)
@require_POST
def decide_on(request: HttpRequest, number: int) -> HttpResponse:
    """The second person's yes or no; its author may only drop it."""
    staff = staff_of(request)
    confirmed = request.POST.get("decision") == "confirm" and staff.has_perm(CONFIRM)
    return decide(
        request,
        lambda: policy.decide(number=number, staff=staff, confirmed=confirmed, origin=origin_of(request)),
        action="policy.confirmed" if confirmed else "policy.dropped",
        target=Target(type="policy", id=str(number), name=_("安全策略")),
        done=_("已确认，新的安全策略立即生效。") if confirmed else _("已放弃该变更，安全策略不变。"),
        onward=reverse("admin:policy"),
        show=lambda problem: _show(request, problem=problem),
    )


def _show(
    request: HttpRequest, *, form: PolicyForm | None = None, problem: Problem | None = None
) -> HttpResponse:
    staff, current, waiting = staff_of(request), policy.current(), policy.pending()
    history = Policy.objects.exclude(decided_at=None).select_related("proposed_by", "decided_by")[:_SHOWN]
    return page(
        request,
        "portal/security/policy.html",
        title=_("安全策略"),
        status=problem.status if problem else 200,
        problem=problem,
        numbers=[(_label(name), getattr(current, name)) for name in Policy.BOUNDS],
        networks=_networks_of(current),
        waiting=waiting,
        changes=_changes(current, waiting) if waiting else (),
        is_author=waiting is not None and waiting.proposed_by_id == staff.pk,
        may_propose=staff.has_perm(PROPOSE),
        may_confirm=staff.has_perm(CONFIRM),
        history=history,
        form=form or PolicyForm(instance=_copy(current)),
    )


def _label(name: str) -> str:
    labels = {field.name: field.verbose_name for field in Policy._meta.concrete_fields}
    return str(labels[name])


def _copy(current: Policy) -> Policy:
    """What the form begins with: the policy in force, without a reason."""
    return Policy(**{name: getattr(current, name) for name in (*Policy.BOUNDS, "networks")})


def _networks_of(of: Policy) -> list[tuple[str, list[str]]]:
    return [(role.name, of.networks.get(role.code, [])) for role in Role.objects.exclude(duty=Role.Duty.NONE)]


def _changes(before: Policy, after: Policy) -> list[tuple[str, str, str]]:
    """Name, before, after of each difference, in words."""
    told = []
    for name, (old, new) in policy.differences(before, after).items():
        if name == "networks":
            told += _network_changes(before, after)
        else:
            told.append((_label(name), str(old), str(new)))
    return told


def _network_changes(before: Policy, after: Policy) -> list[tuple[str, str, str]]:
    anywhere = _("不限")
    pairs = zip(_networks_of(before), _networks_of(after), strict=True)
    return [
        (_("%(role)s可登录的网段") % {"role": role}, "、".join(old) or anywhere, "、".join(new) or anywhere)
        for (role, old), (_same, new) in pairs
        if old != new
    ]
