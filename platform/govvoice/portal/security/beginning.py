"""The first page of a new installation: three administrators are named, and this account is closed."""

from __future__ import annotations

from django import forms
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import bootstrap
from accounts.bootstrap import Created, Person
from accounts.middleware import origin_of
from accounts.models import Role
from govvoice.portal.pages import page, staff_of, staff_page
from govvoice.portal.steps import attempt


class PeopleForm(forms.Form):
    """A login name and a person's name for each role that nobody has."""

    def __init__(self, *args: object, roles: list[Role], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.roles = roles
        for role in roles:
            for part, label in (("username", _("%(role)s登录名")), ("display_name", _("%(role)s姓名"))):
                self.fields[f"{role.code}_{part}"] = forms.CharField(
                    label=label % {"role": role.name},
                    max_length=64,
                    error_messages={"required": _("请填写此项。")},
                    widget=forms.TextInput(attrs={"autocomplete": "off"}),
                )

    def clean(self) -> dict[str, object]:
        names = [self.cleaned_data.get(f"{role.code}_display_name") for role in self.roles]
        if len(set(names)) < len(names):
            raise ValidationError(_("三员须由不同的人担任。"))
        return self.cleaned_data

    @property
    def people(self) -> dict[str, Person]:
        data = self.cleaned_data
        return {
            role.code: Person(data[f"{role.code}_username"], data[f"{role.code}_display_name"])
            for role in self.roles
        }


@staff_page("accounts.bootstrap")
@require_http_methods(["GET", "HEAD", "POST"])
def beginning(request: HttpRequest) -> HttpResponse:
    form = PeopleForm(request.POST or None, roles=bootstrap.missing_roles())
    made: list[Created] = []

    def create() -> None:
        made.extend(
            bootstrap.create_administrators(
                people=form.people, by=staff_of(request), origin=origin_of(request)
            )
        )

    problem = attempt(request, create, action="staff.created") if form.is_valid() else None
    if made:
        logout(request)
        return page(request, "portal/security/begun.html", title=_("初始化完成"), made=made)
    status = problem.status if problem else 422 if form.errors else 200
    return page(
        request,
        "portal/security/beginning.html",
        title=_("初始化"),
        form=form,
        problem=problem,
        status=status,
    )
