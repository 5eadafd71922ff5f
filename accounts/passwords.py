"""What a password must be, by the policy in force, and the ones that may not come back.

GB/T 22239-2019 8.1.4.1 a asks for complexity and regular change; the numbers are the customary ones.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.fields import normal_username
from accounts.models import FormerPassword, Staff
from accounts.policy import current, password_age

# Bytes; longer ones are refused before they are hashed, or one request could keep a core busy.
LONGEST = 128
INITIAL_HOLDS = timedelta(hours=24)
_CLASSES_NEEDED = 3
# Letters and digits that nobody mistakes for one another when reading them off a screen, and plain marks.
_LETTERS = ("abcdefghijkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789", "#%+=")


def initial_password() -> str:
    """A random password of the policy's length, at least 16, that meets every rule of ours."""
    length = max(16, current().password_length)
    chosen = [secrets.choice(letters) for letters in _LETTERS]
    everything = "".join(_LETTERS)
    chosen += [secrets.choice(everything) for _number in range(length - len(chosen))]
    secrets.SystemRandom().shuffle(chosen)
    return "".join(chosen)


def expires_at(staff: Staff) -> datetime:
    """When the password ends: an initial one a day after it was set, one's own by the policy."""
    return staff.password_set_at + (INITIAL_HOLDS if staff.must_change_password else password_age(current()))


def is_expired(staff: Staff) -> bool:
    return expires_at(staff) <= timezone.now()


def needs_change(staff: Staff) -> bool:
    """Whether the account opens nothing but the page for a new password."""
    return staff.must_change_password or is_expired(staff)


def remember(staff: Staff) -> None:
    """Keeps the account's present password among the former ones, and no more of them than are asked for."""
    FormerPassword.objects.create(staff=staff, digest=staff.password)
    kept = staff.former_passwords.values("pk")[: max(current().password_history, 1)]
    staff.former_passwords.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()


class LengthRule:
    def validate(self, password: str, user: Staff | None = None) -> None:
        shortest = current().password_length
        if len(password) < shortest:
            raise ValidationError(
                _("密码至少需要 %(count)d 个字符。") % {"count": shortest}, "password_too_short"
            )
        if len(password.encode()) > LONGEST:
            raise ValidationError(
                _("密码不能超过 %(count)d 个字节。") % {"count": LONGEST}, "password_too_long"
            )

    def get_help_text(self) -> str:
        return _("至少 %(count)d 个字符。") % {"count": current().password_length}


class ClassesRule:
    def validate(self, password: str, user: Staff | None = None) -> None:
        found = {_class_of(sign) for sign in password}
        if len(found) < _CLASSES_NEEDED:
            raise ValidationError(
                _("密码须包含大写字母、小写字母、数字、符号中的至少三类。"), "password_too_plain"
            )

    def get_help_text(self) -> str:
        return _("包含大写字母、小写字母、数字、符号中的至少三类。")


class NamesRule:
    """Neither the login name nor the system's, also not backwards or in other letters."""

    def validate(self, password: str, user: Staff | None = None) -> None:
        folded = normal_username(password)
        names = [*settings.PASSWORD_FORBIDDEN_WORDS]
        if user is not None:
            names += [user.username, user.display_name]
        for name in (normal_username(name) for name in names):
            if len(name) > 2 and (name in folded or name[::-1] in folded):
                raise ValidationError(_("密码不能包含登录名、姓名或系统名称。"), "password_has_name")

    def get_help_text(self) -> str:
        return _("不包含登录名、姓名或系统名称。")


class CommonRule(CommonPasswordValidator):
    """Django's list of common passwords, in the words of the other rules."""

    def get_help_text(self) -> str:
        return _("不是常见密码。")


class HistoryRule:
    def validate(self, password: str, user: Staff | None = None) -> None:
        if user is None or user.pk is None:
            return
        count = current().password_history
        digests = {user.password, *user.former_passwords.values_list("digest", flat=True)[:count]}
        if any(check_password(password, digest) for digest in digests):
            raise ValidationError(
                _("不能使用最近 %(count)d 次用过的密码。") % {"count": count}, "password_reused"
            )

    def get_help_text(self) -> str:
        return _("与最近 %(count)d 次用过的密码不同。") % {"count": current().password_history}


def _class_of(sign: str) -> str:
    if sign.isdigit():
        return "digit"
    if sign.isupper():
        return "upper"
    return "lower" if sign.islower() else "mark"
