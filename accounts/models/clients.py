"""Client systems: from where they may call, how much, and where they are told of what they wait for."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import NetworkField, validate_webhook_url
from accounts.models.staff import Organisation


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
