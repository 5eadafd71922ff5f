"""The way in: one form, the same words whatever was wrong, and an end to trying."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.contrib.auth import update_session_auth_hash, user_login_failed
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_ratelimit.core import is_ratelimited
from unfold.forms import AdminOwnPasswordChangeForm
from unfold.forms import AuthenticationForm as UnfoldLoginForm

from accounts.factors import has_factor
from accounts.middleware import origin_of
from accounts.models import Staff
from accounts.passwords import LONGEST, is_expired
from accounts.policy import may_come_from
from accounts.staffing import change_password
from govvoice.portal import second
from govvoice.portal.refusals import record_refusal

# GB/T 22239-2019 8.1.4.1 b asks for a limit; 20 tries an address in ten minutes leaves room for an office
# behind one address.
LOGIN_RATE = "20/10m"


class LoginForm(UnfoldLoginForm):  # type: ignore[misc]  # unfold carries no types
    # An unknown name, a wrong password and a closed account look alike from outside.
    error_messages: ClassVar[dict[str, Promise]] = {
        "invalid_login": _("登录名或密码不正确，请重新输入。"),
        "inactive": _("登录名或密码不正确，请重新输入。"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("登录名")
        self.fields["password"].label = _("密码")
        for field in self.fields.values():
            field.error_messages["required"] = _("请填写此项。")

    def clean(self) -> dict[str, Any]:
        """A longer password cannot be right, and hashing it would keep a core busy: it counts as wrong."""
        if len(str(self.cleaned_data.get("password", "")).encode()) > LONGEST:
            name = {"username": self.cleaned_data.get("username", "")}
            user_login_failed.send(sender=__name__, credentials=name, request=self.request)
            raise self.get_invalid_login_error()
        return cast("dict[str, Any]", super().clean())

    def confirm_login_allowed(self, user: Staff) -> None:
        super().confirm_login_allowed(user)
        if user.must_change_password and is_expired(user):
            raise ValidationError(_("初始密码已过期，请联系安全管理员重置。"), code="initial_expired")
        if not may_come_from(staff=user, address=origin_of(self.request).address):
            record_refusal(
                self.request,
                action="portal.refused",
                code="network_refused",
                status=403,
                username=user.username,
            )
            raise ValidationError(_("您的角色不能从当前网络地址登录。"), code="network_refused")


class EntranceView(LoginView):
    """The first step; whoever has a second factor is not in until he has shown it too."""

    template_name = "admin/login.html"
    authentication_form = LoginForm
    next_page = "admin:index"

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        staff = form.get_user()
        if not has_factor(staff):
            return super().form_valid(form)
        second.begin(self.request, staff, next_url=self.get_success_url())
        return redirect("admin:second")


class PasswordView(PasswordChangeView):
    template_name = "registration/password_change_form.html"
    form_class = AdminOwnPasswordChangeForm
    success_url = reverse_lazy("admin:password_change_done")
    title = _("修改密码")

    def form_valid(self, form: AdminOwnPasswordChangeForm) -> HttpResponse:
        staff = cast(Staff, self.request.user)
        change_password(
            staff=staff, password=form.cleaned_data["new_password1"], origin=origin_of(self.request)
        )
        update_session_auth_hash(self.request, staff)  # else this very session would end
        return redirect(self.success_url)


def is_tried_too_often(request: HttpRequest) -> bool:
    """Counts this try, and says whether its address has had more than LOGIN_RATE allows."""
    return bool(
        is_ratelimited(
            request, group="portal.login", key=_address, rate=LOGIN_RATE, method="POST", increment=True
        )
    )


def _address(group: str, request: HttpRequest) -> str:
    return origin_of(request).address or ""
