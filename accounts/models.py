"""Who may come in: staff with one role each, and client systems with keys bound to their networks."""

from __future__ import annotations

import unicodedata
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import NetworkField


class Organisation(models.Model):
    """A department (部门) that owns broadcasts and client systems."""

    code = models.SlugField(_("部门代码"), max_length=32, unique=True)
    name = models.CharField(_("部门名称"), max_length=64, unique=True)
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("部门")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """What a member of staff may do. Shipped as reference data (accounts/reference.py)."""

    class Duty(models.TextChoices):
        MANAGEMENT = "management", _("管理")
        BUSINESS = "business", _("业务")

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
                condition=Q(duty__in=["management", "business"]),
            )
        ]

    def __str__(self) -> str:
        return self.name


class StaffManager(BaseUserManager["Staff"]):
    def create_staff(self, *, username: str, password: str, role: Role, **fields: Any) -> Staff:
        staff = self.model(username=normal_username(username), role=role, **fields)
        staff.set_password(password)
        staff.full_clean(exclude=["password"])
        staff.save(using=self._db)
        return staff

    def get_by_natural_key(self, username: str | None) -> Staff:
        return self.get(username__iexact=normal_username(username or ""))


def normal_username(value: str) -> str:
    """NFKC, so that full-width or composed look-alikes of one name are one name."""
    return unicodedata.normalize("NFKC", value).strip()


class Staff(AbstractBaseUser):
    """A person who uses the portal. One role an account: two management roles can never meet on one."""

    username = models.CharField(_("登录名"), max_length=64, unique=True)
    display_name = models.CharField(_("姓名"), max_length=64)
    role = models.ForeignKey(Role, verbose_name=_("角色"), on_delete=models.PROTECT, related_name="staff")
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("部门"), on_delete=models.PROTECT, related_name="staff"
    )
    is_active = models.BooleanField(_("启用"), default=True)
    created_at = models.DateTimeField(_("创建时间"), default=timezone.now, editable=False)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    is_staff = True
    is_superuser = False

    objects: ClassVar[StaffManager] = StaffManager()

    class Meta:
        verbose_name = verbose_name_plural = _("账号")
        ordering = ["username"]
        constraints = [
            models.UniqueConstraint(Lower("username"), name="a_login_name_is_taken_once_in_any_case")
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


class Client(models.Model):
    """A system that calls the API (接入系统)."""

    code = models.SlugField(_("系统代码"), max_length=32, unique=True)
    name = models.CharField(_("系统名称"), max_length=64, unique=True)
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("所属部门"), on_delete=models.PROTECT, related_name="clients"
    )
    contact = models.CharField(_("联系人"), max_length=64, blank=True)
    purpose = models.CharField(_("用途"), max_length=200, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)
    expires_at = models.DateTimeField(_("到期时间"), null=True, blank=True)
    default_voice = models.CharField(
        _("默认发音人"), max_length=64, blank=True, help_text=_("留空则用平台默认发音人。")
    )
    calls_per_second = models.PositiveIntegerField(_("每秒调用上限"), default=20)
    calls_per_minute = models.PositiveIntegerField(_("每分钟调用上限"), default=600)
    characters_per_day = models.PositiveIntegerField(_("每日字数限额"), default=1_000_000)
    created_at = models.DateTimeField(_("创建时间"), default=timezone.now, editable=False)
    last_call_at = models.DateTimeField(_("最近调用"), null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("接入系统")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="a_client_may_call_at_least_once_a_second",
                condition=Q(calls_per_second__gte=1) & Q(calls_per_minute__gte=1),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def is_open(self) -> bool:
        """In service now: enabled, its department too, and not expired."""
        expired = self.expires_at is not None and self.expires_at <= timezone.now()
        return self.is_active and self.organisation.is_active and not expired


class ClientNetwork(models.Model):
    """A network that a client may call from. A client without any may not call at all."""

    client = models.ForeignKey(
        Client, verbose_name=_("接入系统"), on_delete=models.CASCADE, related_name="networks"
    )
    network = NetworkField(_("网段"))
    note = models.CharField(_("备注"), max_length=64, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("IP 白名单")
        ordering = ["network"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "network"], name="a_network_is_listed_once_for_a_client"
            )
        ]

    def __str__(self) -> str:
        return self.network


class ApiKey(models.Model):
    """A client's key. Only its prefix and an HMAC are kept; the key itself is shown once."""

    client = models.ForeignKey(
        Client, verbose_name=_("接入系统"), on_delete=models.CASCADE, related_name="keys"
    )
    prefix = models.CharField(_("密钥前缀"), max_length=16, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("签发时间"), default=timezone.now, editable=False)
    created_by = models.CharField(_("签发人"), max_length=64, editable=False)
    expires_at = models.DateTimeField(_("到期时间"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("吊销时间"), null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("密钥")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="a_key_expires_after_it_was_issued",
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=models.F("created_at")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.prefix}…"

    @property
    def is_valid(self) -> bool:
        expired = self.expires_at is not None and self.expires_at <= timezone.now()
        return self.revoked_at is None and not expired
