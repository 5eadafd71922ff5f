"""One's own second factors: shown, added, and taken away with both proofs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import factors, passkeys
from accounts.errors import CodeWrong, PasskeyWrong
from accounts.middleware import origin_of
from accounts.models import Authenticator, Passkey
from audit.sealed import SealBroken, seal, unseal
from govvoice.portal.appearance import SITE_TITLE
from govvoice.portal.pages import Crumb, page, staff_of, staff_page
from govvoice.portal.second import CodeForm, site_of, takes_passkeys

_SEED = "new_seed"
_CHALLENGE = "new_passkey"
_KINDS: dict[str, type[Authenticator] | type[Passkey]] = {"totp": Authenticator, "passkey": Passkey}


class NameForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("名称"), max_length=32, initial=gettext_lazy("我的手机"))


class NewCodeForm(CodeForm):
    field_order = ("name", "code")
    name = NameForm.base_fields["name"]


class ProofForm(CodeForm):
    """Both proofs at once."""

    field_order = ("password", "code")
    password = forms.CharField(
        label=gettext_lazy("当前密码"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": gettext_lazy("请填写此项。")},
    )


@staff_page()
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    return _mine(request)


@staff_page()
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def add_code(request: HttpRequest) -> HttpResponse:
    """Shows a seed for the app to scan, until a code made from it comes back."""
    staff = staff_of(request)
    seed = _seed(request) if request.method == "POST" else None
    form = NewCodeForm(request.POST if seed else None)
    if seed and form.is_valid():
        try:
            codes = factors.add_authenticator(
                staff=staff,
                seed=seed,
                code=form.cleaned_data["code"].replace(" ", ""),
                name=form.cleaned_data["name"],
                origin=origin_of(request),
            )
        except CodeWrong as wrong:
            form.add_error("code", str(wrong.message))
        else:
            del request.session[_SEED]
            return _added(request, codes)
    return _code_page(request, form, seed or _new_seed(request))


@staff_page()
@require_POST
def passkey_options(request: HttpRequest) -> HttpResponse:
    question = passkeys.ask_to_add(staff=staff_of(request), site=site_of(request), name=str(SITE_TITLE))
    request.session[_CHALLENGE] = question.challenge
    return JsonResponse(question.options)


@staff_page()
@require_POST
def add_passkey(request: HttpRequest) -> HttpResponse:
    form = NameForm(request.POST)
    try:
        if not form.is_valid():
            raise PasskeyWrong
        codes = passkeys.add(
            staff=staff_of(request),
            answer=request.POST.get("answer", ""),
            challenge=request.session.pop(_CHALLENGE, ""),
            site=site_of(request),
            name=form.cleaned_data["name"],
            origin=origin_of(request),
        )
    except PasskeyWrong as wrong:
        messages.error(request, str(wrong.message))
        return redirect("admin:factors")
    return _added(request, codes)


@staff_page()
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def new_codes(request: HttpRequest) -> HttpResponse:
    """Fresh recovery codes, against both proofs."""
    form = _proven(request)
    if form is not None:
        return _proof_page(request, form, title=_("重新生成恢复码"), danger=_("生成后，原有恢复码全部作废。"))
    codes = factors.make_recovery_codes(staff=staff_of(request), origin=origin_of(request))
    return _mine(request, codes=codes)


@staff_page()
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    factor = _find(request, kind, number)
    title = _("移除“%(name)s”") % {"name": factor.name}
    form = _proven(request)
    if form is not None:
        danger = _("移除后，不能再用它登录。最后一项移除后，登录只凭密码，恢复码同时作废。")
        return _proof_page(request, form, title=title, danger=danger)
    factors.remove(staff=staff_of(request), factor=factor, origin=origin_of(request))
    messages.success(request, _("已移除“%(name)s”。") % {"name": factor.name})
    return redirect("admin:factors")


def _find(request: HttpRequest, kind: str, number: int) -> Authenticator | Passkey:
    """One's own factor; anybody else's is not there."""
    model = _KINDS.get(kind)
    found = model._default_manager.filter(staff=staff_of(request), pk=number).first() if model else None
    if found is None:
        raise Http404
    return found


def _proven(request: HttpRequest) -> ProofForm | None:
    """None once password and code are right; else the form that asks for them, with what is wrong."""
    form = ProofForm(request.POST or None)
    if not form.is_valid():
        return form
    staff = staff_of(request)
    if not staff.check_password(form.cleaned_data["password"]):
        form.add_error("password", _("密码不正确。"))
        return form
    if factors.check_code(staff=staff, code=form.cleaned_data["code"]) is None:
        form.add_error("code", str(CodeWrong.message))
        return form
    return None


def _new_seed(request: HttpRequest) -> bytes:
    """A fresh seed, kept sealed in the session until a code proves that the app has it."""
    seed = factors.new_seed()
    request.session[_SEED] = seal(seed, purpose=_purpose(request))
    return seed


def _seed(request: HttpRequest) -> bytes | None:
    try:
        return unseal(request.session.get(_SEED, ""), purpose=_purpose(request))
    except SealBroken:
        return None


def _purpose(request: HttpRequest) -> str:
    return f"new-totp:{staff_of(request).pk}"


def _added(request: HttpRequest, codes: list[str]) -> HttpResponse:
    messages.success(request, _("已添加。下次登录时，输入密码后还需验证这一项。"))
    return _mine(request, codes=codes) if codes else redirect("admin:factors")


def _mine(request: HttpRequest, *, codes: list[str] | None = None) -> HttpResponse:
    """The page of one's factors; `codes` are new recovery codes, shown this once."""
    staff = staff_of(request)
    return page(
        request,
        "portal/factors/mine.html",
        title=_("登录安全"),
        authenticators=staff.authenticators.all(),
        passkeys=staff.passkeys.all(),
        codes_left=staff.recovery_codes.filter(used_at=None).count(),
        codes=codes,
        is_missing=factors.is_missing(staff),
        takes_passkeys=takes_passkeys(request),
        name_form=NameForm(initial={"name": _("安全密钥")}),
    )


def _code_page(request: HttpRequest, form: NewCodeForm, seed: bytes) -> HttpResponse:
    staff = staff_of(request)
    return page(
        request,
        "portal/factors/code.html",
        title=_("添加验证器应用"),
        trail=[_crumb()],
        status=422 if form.errors else 200,
        form=form,
        picture=factors.seed_picture(seed, staff=staff, issuer=str(SITE_TITLE)),
        seed=factors.seed_text(seed),
    )


def _proof_page(request: HttpRequest, form: ProofForm, **words: Any) -> HttpResponse:
    status = 422 if form.errors else 200
    return page(request, "portal/factors/proof.html", trail=[_crumb()], form=form, status=status, **words)


def _crumb() -> Crumb:
    return Crumb(_("登录安全"), reverse("admin:factors"))
