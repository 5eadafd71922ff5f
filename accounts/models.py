"""Who may come in: staff with one role each, and client systems with keys bound to their networks."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import LoginNameField, NetworkField, normal_username, validate_webhook_url


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


class Authenticator(models.Model):
    """An app that shows one-time codes (RFC 6238). `last_step`: the newest 30 s step whose code was used."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="authenticators")
    name = models.CharField(_("名称"), max_length=32)
    seed = models.CharField(max_length=200, editable=False)
    last_step = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("添加时间"), default=timezone.now, editable=False)
    used_at = models.DateTimeField(_("最近使用"), null=True, editable=False)

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.name


class Passkey(models.Model):
    """A security key or a device's own lock (WebAuthn). Only its public half is here."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(_("名称"), max_length=32)
    credential = models.CharField(max_length=1400, unique=True, editable=False)
    public_key = models.TextField(editable=False)
    sign_count = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("添加时间"), default=timezone.now, editable=False)
    used_at = models.DateTimeField(_("最近使用"), null=True, editable=False)

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.name


class RecoveryCode(models.Model):
    """Opens once, in the place of a lost second factor. Only an HMAC is kept."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, editable=False)
    used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "digest"], name="a_recovery_code_is_given_once")
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.pk}"


class Policy(models.Model):
    """The security settings as one person proposed them and another confirmed; the last confirmed one holds.

    The database refuses what is laxer than GB/T 22239-2019 level 3 is customarily read (8.1.4.1 a, b).
    """

    password_length = models.PositiveSmallIntegerField(_("密码最短长度"), default=12)
    password_days = models.PositiveSmallIntegerField(_("密码有效天数"), default=90)
    password_history = models.PositiveSmallIntegerField(_("不得重复的历史密码数"), default=5)
    lock_failures = models.PositiveSmallIntegerField(_("连续失败几次后锁定"), default=5)
    lock_minutes = models.PositiveSmallIntegerField(_("锁定分钟数"), default=30)
    address_failures = models.PositiveSmallIntegerField(_("同一地址 10 分钟内允许失败次数"), default=20)
    idle_minutes = models.PositiveSmallIntegerField(_("无操作自动退出分钟数"), default=15)
    session_hours = models.PositiveSmallIntegerField(_("一次登录最长小时数"), default=8)
    dormant_days = models.PositiveSmallIntegerField(_("未登录停用天数"), default=90)
    networks = models.JSONField(_("各角色可登录的网段"), default=dict, blank=True)
    reason = models.CharField(_("变更原因"), max_length=200)
    proposed_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, related_name="+", verbose_name=_("提出人"), editable=False
    )
    proposed_at = models.DateTimeField(_("提出时间"), default=timezone.now, editable=False)
    decided_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("确认人"), editable=False
    )
    decided_at = models.DateTimeField(_("确认时间"), null=True, editable=False)
    is_confirmed = models.BooleanField(_("已生效"), default=False, editable=False)

    # What a form may ask for, lowest and highest; the constraint below says the same to the database.
    BOUNDS: ClassVar[dict[str, tuple[int, int]]] = {
        "password_length": (8, 64),
        "password_days": (1, 90),
        "password_history": (5, 24),
        "lock_failures": (3, 5),
        "lock_minutes": (30, 1440),
        "address_failures": (5, 100),
        "idle_minutes": (1, 30),
        "session_hours": (1, 12),
        "dormant_days": (7, 90),
    }

    class Meta:
        verbose_name = verbose_name_plural = _("安全策略")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="security_settings_take_two_persons",
                condition=Q(is_confirmed=False)
                | (Q(decided_by__isnull=False) & ~Q(decided_by=models.F("proposed_by"))),
            ),
            models.CheckConstraint(
                name="security_settings_keep_to_the_floor",
                condition=Q(password_length__gte=8)
                & Q(password_days__range=(1, 90))
                & Q(password_history__gte=5)
                & Q(lock_failures__range=(3, 5))
                & Q(lock_minutes__gte=30)
                & Q(address_failures__range=(5, 100))
                & Q(idle_minutes__range=(1, 30))
                & Q(session_hours__range=(1, 12))
                & Q(dormant_days__range=(7, 90)),
            ),
            models.UniqueConstraint(
                fields=["is_confirmed"],
                condition=Q(decided_at__isnull=True),
                name="one_proposal_waits_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


def _codes(label: Any, longest: int) -> Any:
    return ArrayField(models.CharField(max_length=longest), verbose_name=label, default=list, blank=True)


class Client(models.Model):
    """A system that calls the API (接入系统)."""

    class Response(models.TextChoices):
        AUDIO = "audio", _("音频")
        BASE64 = "base64", _("JSON，音频以 Base64 编码")
        URL = "url", _("JSON，音频的下载地址（10 分钟有效）")

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
    # How sound is answered with where the request does not say.
    response = models.CharField(
        _("合成应答方式"), max_length=6, choices=Response.choices, default=Response.AUDIO
    )
    # Names the client on the wires of others; opens nothing by itself, see accounts.access_keys.
    appkey = models.CharField(_("AppKey"), max_length=16, blank=True, default="", editable=False)
    # SHA-256 of certificates (DER, in hex), of which a call must come with one; none listed asks for none.
    certificates = _codes(_("客户端证书指纹"), 64)
    # What it may ask for, by code; an empty list allows all there is.
    voices = _codes(_("可用发音人"), 64)
    emotions = _codes(_("可用情感"), 16)
    formats = _codes(_("可用音频格式"), 16)
    channels = _codes(_("可取用渠道"), 32)
    calls_per_second = models.PositiveIntegerField(_("每秒调用上限"), default=20)
    calls_per_minute = models.PositiveIntegerField(_("每分钟调用上限"), default=600)
    calls_at_once = models.PositiveIntegerField(_("同时合成上限"), default=20)
    characters_per_day = models.PositiveIntegerField(_("每日字数限额"), default=1_000_000)
    characters_per_month = models.PositiveIntegerField(_("每月字数限额"), null=True, blank=True)
    created_at = models.DateTimeField(_("创建时间"), default=timezone.now, editable=False)
    last_call_at = models.DateTimeField(_("最近调用"), null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("接入系统")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="a_client_may_call_at_least_once_a_second",
                condition=Q(calls_per_second__gte=1) & Q(calls_per_minute__gte=1) & Q(calls_at_once__gte=1),
            ),
            models.UniqueConstraint(
                fields=["appkey"], condition=~Q(appkey=""), name="an_appkey_names_one_client"
            ),
            models.CheckConstraint(
                name="an_answer_is_of_a_known_kind", condition=Q(response__in=["audio", "base64", "url"])
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.voices and self.default_voice not in self.voices:
            message = _("限定可用发音人时，须从中选定默认发音人。")
            raise ValidationError({"default_voice": message}, code="default_voice_unavailable")

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


class Credential(models.Model):
    """Something that lets a client in: issued by a person, for some time, until somebody revokes it."""

    created_at = models.DateTimeField(_("签发时间"), default=timezone.now, editable=False)
    created_by = models.CharField(_("签发人"), max_length=64, editable=False)
    expires_at = models.DateTimeField(_("到期时间"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("吊销时间"), null=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_valid(self) -> bool:
        expired = self.expires_at is not None and self.expires_at <= timezone.now()
        return self.revoked_at is None and not expired


class ApiKey(Credential):
    """A client's key or secret. Only its prefix and an HMAC are kept; the key itself is shown once."""

    class Kind(models.TextChoices):
        KEY = "key", _("API 密钥")
        SECRET = "secret", _("客户端密钥（换取令牌）")

    client = models.ForeignKey(
        Client, verbose_name=_("接入系统"), on_delete=models.CASCADE, related_name="keys"
    )
    kind = models.CharField(_("类别"), max_length=8, choices=Kind.choices, default=Kind.KEY, editable=False)
    prefix = models.CharField(_("密钥前缀"), max_length=16, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("密钥")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="a_key_expires_after_it_was_issued",
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=models.F("created_at")),
            ),
            models.CheckConstraint(
                name="a_key_opens_the_door_or_fetches_tokens", condition=Q(kind__in=["key", "secret"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}…"

    @property
    def handle(self) -> str:
        return self.prefix

    @property
    def shown(self) -> str:
        """As its holder knows it, without what makes it secret."""
        return f"{'gvs' if self.kind == self.Kind.SECRET else 'gv'}_{self.prefix}_…"


class AccessKey(Credential):
    """A pair for the wires that sign with HMAC: an id that is sent, and a secret that never is.

    Who signs and who checks need the same secret, so it is kept, sealed; it is shown once all the same.
    """

    client = models.ForeignKey(
        Client, verbose_name=_("接入系统"), on_delete=models.CASCADE, related_name="access_keys"
    )
    key_id = models.CharField(_("AccessKey ID"), max_length=24, unique=True, editable=False)
    secret = models.CharField(max_length=200, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("AccessKey")
        ordering = ["-created_at"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="an_access_key_expires_after_it_was_issued",
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=models.F("created_at")),
            ),
        ]

    def __str__(self) -> str:
        return self.key_id

    @property
    def handle(self) -> str:
        return self.key_id

    @property
    def shown(self) -> str:
        return self.key_id

    @property
    def purpose(self) -> str:
        """What its secret is sealed for, see audit.sealed."""
        return f"access key {self.key_id}"


class Webhook(models.Model):
    """Where a client is told what it waits for; `secret` signs what is sent, sealed, and is shown once."""

    client = models.OneToOneField(Client, on_delete=models.CASCADE, related_name="webhook")
    url = models.CharField(_("通知地址"), max_length=500, validators=[validate_webhook_url])
    secret = models.CharField(max_length=200, editable=False)
    set_at = models.DateTimeField(_("设置时间"), default=timezone.now, editable=False)
    set_by = models.CharField(_("设置人"), max_length=64, editable=False)

    def __str__(self) -> str:
        return self.place

    @property
    def place(self) -> str:
        """The address without its query, which may hold a password of the other side."""
        return self.url.partition("?")[0]

    @property
    def purpose(self) -> str:
        """What its secret is sealed for, see audit.sealed."""
        return f"webhook {self.client_id}"


class Notice(models.Model):
    """One thing that a client is told by its webhook, until it took it or we gave up (通知).

    `body` is sent as it stands here, so that each attempt says the same; it holds no text of a caller.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("待送达")
        DELIVERED = "delivered", _("已送达")
        GIVEN_UP = "given_up", _("未送达")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="notices")
    event = models.CharField(_("事件"), max_length=40)
    subject_type = models.CharField(max_length=32)
    subject_id = models.CharField(max_length=64)
    body = models.TextField()
    state = models.CharField(_("状态"), max_length=9, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("尝试次数"), default=0)
    created_at = models.DateTimeField(_("产生时间"), default=timezone.now)
    due_at = models.DateTimeField(_("下次尝试"), default=timezone.now)
    settled_at = models.DateTimeField(_("结束时间"), null=True)
    problem = models.CharField(_("最近的失败原因"), max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("通知")
        ordering = ["-created_at"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["due_at"], name="notices_that_wait", condition=Q(state="waiting")),
        ]
        constraints = [
            models.CheckConstraint(
                name="a_notice_waits_or_was_settled",
                condition=Q(state="waiting", settled_at__isnull=True)
                | Q(state__in=["delivered", "given_up"], settled_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.subject_id}"


class SigningKey(models.Model):
    """A key for access tokens (Ed25519, raw, in base64; the private half sealed).

    One signs; those before it still open, until `closes_at`.
    """

    kid = models.CharField(_("密钥编号"), max_length=16, unique=True, editable=False)
    public_key = models.CharField(max_length=64, editable=False)
    private_key = models.CharField(max_length=200, editable=False)
    created_at = models.DateTimeField(_("生成时间"), default=timezone.now, editable=False)
    signs = models.BooleanField(_("正在签发"), default=True, editable=False)
    closes_at = models.DateTimeField(_("失效时间"), null=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["signs"], condition=Q(signs=True), name="one_key_signs_at_a_time")
        ]

    def __str__(self) -> str:
        return self.kid


class TokenOut(models.Model):
    """A token that is out, so that staff see it and can end it; forgotten once it has expired."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="tokens")
    jti = models.CharField(_("令牌编号"), max_length=32, unique=True, editable=False)
    key = models.CharField(_("密钥前缀"), max_length=16, editable=False)
    address = models.CharField(_("来源地址"), max_length=64, editable=False)
    issued_at = models.DateTimeField(_("签发时间"), editable=False)
    expires_at = models.DateTimeField(_("到期时间"), db_index=True, editable=False)

    class Meta:
        ordering = ["-issued_at", "-pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.jti


class RevokedToken(models.Model):
    """The id of a token that opens nothing although it has not expired; kept until it has."""

    jti = models.CharField(max_length=32, unique=True, editable=False)
    expires_at = models.DateTimeField(_("到期时间"), db_index=True, editable=False)

    def __str__(self) -> str:
        return self.jti
