"""The way in: one form, the same words whatever was wrong, and an end to trying."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_ratelimit.core import is_ratelimited
from unfold.forms import AdminOwnPasswordChangeForm, AuthenticationForm

from accounts.middleware import origin_of
from accounts.models import Staff
from accounts.services import change_password

# GB/T 22239-2019 8.1.4.1 b asks for a limit; 20 tries an address in ten minutes leaves room for an office
# behind one address.
LOGIN_RATE = "20/10m"


class LoginForm(AuthenticationForm):  # type: ignore[misc]  # unfold carries no types
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
