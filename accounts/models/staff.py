"""Departments, roles with their permissions, and the accounts of staff."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import LoginNameField, normal_username


class Organisation(models.Model):
    """A department (部门) that owns broadcasts and client systems."""

    code = models.SlugField(_("部门代码"), max_length=32, unique=True)
    name = models.CharField(_("部门名称"), max_length=64, unique=True)
    is_active = models.BooleanField(_("启用"), default=True)
    # A voice's code: its staff begin with it, and its clients that have none of their own.
    default_voice = models.CharField(_("默认发音人"), max_length=64, blank=True, default="")
    # For all its client systems together; empty sets no limit beyond each client's own.
    calls_per_second = models.PositiveIntegerField(_("每秒调用上限"), null=True, blank=True)
    calls_per_minute = models.PositiveIntegerField(_("每分钟调用上限"), null=True, blank=True)
    calls_at_once = models.PositiveIntegerField(_("同时合成上限"), null=True, blank=True)
    characters_per_day = models.PositiveIntegerField(_("每日字数限额"), null=True, blank=True)
    characters_per_month = models.PositiveIntegerField(_("每月字数限额"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("部门")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="an_organisation_may_call_at_least_once_a_second",
                condition=~Q(calls_per_second=0) & ~Q(calls_per_minute=0) & ~Q(calls_at_once=0),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """What a member of staff may do. Shipped as reference data (accounts/reference.py)."""

    class Duty(models.TextChoices):
        MANAGEMENT = "management", _("管理")
        BUSINESS = "business", _("业务")
        NONE = "none", _("无")

    code = models.SlugField(_("角色代码"), max_length=32, unique=True)
    name = models.CharField(_("角色名称"), max_length=32, unique=True)
    duty = models.CharField(_("职责类别"), max_length=16, choices=Duty.choices)
    permissions = ArrayField(
        models.CharField(max_length=100), verbose_name=_("权限"), default=list, blank=True
    )
    position = models.PositiveSmallIntegerField(_("排序"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("角色")
        ordering = ["position", "code"]
        constraints = [
            models.CheckConstraint(
                name="a_role_is_for_management_or_for_business",
                condition=Q(duty__in=["management", "business", "none"]),
            )
        ]

    def __str__(self) -> str:
        return self.name


class StaffManager(BaseUserManager["Staff"]):
    def create_staff(self, *, username: str, password: str, role: Role, **fields: Any) -> Staff:
        """A checked and saved account whose password holds as long as the policy's longest age."""
        staff = self.model(username=normal_username(username), role=role, **fields)
        staff.set_password(password)
        staff.full_clean(exclude=["password"])
        staff.save(using=self._db)
        return staff

    def get_by_natural_key(self, username: str | None) -> Staff:
        return self.select_related("role", "organisation").get(username=normal_username(username or ""))


class Staff(AbstractBaseUser):
    """A person who uses the portal. One role an account: two management roles can never meet on one."""

    username = LoginNameField(_("登录名"), max_length=64, unique=True)
    display_name = models.CharField(_("姓名"), max_length=64)
    role = models.ForeignKey(Role, verbose_name=_("角色"), on_delete=models.PROTECT, related_name="staff")
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("部门"), on_delete=models.PROTECT, related_name="staff"
    )
    is_active = models.BooleanField(_("启用"), default=True)
    created_at = models.DateTimeField(_("创建时间"), default=timezone.now, editable=False)
    opened_at = models.DateTimeField(_("启用时间"), default=timezone.now, editable=False)
    granted_by = models.ForeignKey(
        "self",
        verbose_name=_("授权人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    password_set_at = models.DateTimeField(_("密码设置时间"), default=timezone.now, editable=False)
    must_change_password = models.BooleanField(_("须修改密码"), default=False, editable=False)
    # Names the one session that may act for this account, see accounts.sittings; empty: none may.
    sitting = models.CharField(max_length=32, default="", blank=True, editable=False)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    is_staff = True
    is_superuser = False

    objects: ClassVar[StaffManager] = StaffManager()

    class Meta:
        verbose_name = verbose_name_plural = _("账号")
        ordering = ["username"]
        constraints = [
            models.UniqueConstraint(Lower("username"), name="a_login_name_is_taken_once_in_any_case"),
            models.CheckConstraint(
                name="nobody_grants_a_role_to_himself",
                condition=Q(granted_by__isnull=True) | ~Q(granted_by=models.F("id")),
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.username

    def get_full_name(self) -> str:
        return str(self)

    def has_perm(self, permission: str, obj: object | None = None) -> bool:
        return self.is_active and permission in self.role.permissions

    def has_perms(self, permissions: list[str], obj: object | None = None) -> bool:
        return all(self.has_perm(permission, obj) for permission in permissions)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and any(name.startswith(f"{app_label}.") for name in self.role.permissions)


class FormerPassword(models.Model):
    """A password that an account has had, as its slow hash; the last few may not come back."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="former_passwords")
    digest = models.CharField(max_length=128)
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-set_at", "-pk"]
