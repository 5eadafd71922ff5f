"""What staff prove themselves by besides the password."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.staff import Staff


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
