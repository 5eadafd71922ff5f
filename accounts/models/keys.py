"""What lets a client in: keys, access keys, and tokens with the keys that sign them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.clients import Client


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
