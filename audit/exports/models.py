"""Exports of the log that somebody asked for, and the files they became."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.parties import Actor, ActorKind
from audit.selectors import EventFilter


class Export(models.Model):
    """One request for files: what was asked, by whom, how far it is. Files go after a week, the row stays.

    People are copied, as in the events themselves. `claim` belongs to the worker that makes it: who finds
    another's there has been given up for dead, or the export was cancelled, and stops.
    """

    class Kind(models.TextChoices):
        EXPORT = "export", _("导出")
        MONTHLY = "monthly", _("审计月报")

    class Format(models.TextChoices):
        CSV = "csv", _("CSV 表格")
        XLSX = "xlsx", _("Excel 表格 (XLSX)")
        JSONL = "jsonl", _("JSONL 数据")
        PDF = "pdf", _("PDF 报告")

    class State(models.TextChoices):
        QUEUED = "queued", _("排队中")
        SEALING = "sealing", _("等待封存")
        MAKING = "making", _("生成中")
        READY = "ready", _("可下载")
        FAILED = "failed", _("失败")
        CANCELLED = "cancelled", _("已取消")
        EXPIRED = "expired", _("已过期")

    UNFINISHED = (State.QUEUED, State.SEALING, State.MAKING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("类别"), max_length=16, choices=Kind, default=Kind.EXPORT)
    format = models.CharField(_("格式"), max_length=8, choices=Format)
    with_proof = models.BooleanField(_("附可校验证据包"), default=False)
    redacted = models.BooleanField(_("证据包隐去个人信息"), default=True)
    terms = models.JSONField(_("筛选条件"), default=dict)
    language = models.CharField(_("语言"), max_length=16)

    requested_at = models.DateTimeField(_("申请时间"), db_default=Now())
    actor_kind = models.CharField(_("申请人类型"), max_length=16)
    actor_id = models.CharField(_("申请人编号"), max_length=100, blank=True)
    actor_name = models.CharField(_("申请人"), max_length=200, blank=True)
    actor_role = models.CharField(_("角色"), max_length=100, blank=True)
    organisation = models.CharField(_("单位"), max_length=200, blank=True)
    request_id = models.CharField(_("请求编号"), max_length=64, blank=True)

    state = models.CharField(_("状态"), max_length=16, choices=State, default=State.QUEUED)
    claim = models.UUIDField(null=True, editable=False)
    touched_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(_("开始时间"), null=True, blank=True)
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    expires_at = models.DateTimeField(_("到期时间"), null=True, blank=True)
    steps_done = models.BigIntegerField(default=0)
    steps_total = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(_("记录数"), null=True, blank=True)
    failure = models.CharField(_("失败原因"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("审计导出")
        verbose_name_plural = _("审计导出")
        default_permissions = ()
        ordering = ["-requested_at"]
        indexes = [models.Index(fields=["state", "touched_at"], name="exports_export_state")]
        constraints = [
            models.CheckConstraint(
                name="a ready export has its rows and its end",
                condition=~Q(state="ready") | Q(rows__isnull=False, expires_at__isnull=False),
            )
        ]

    @property
    def is_unfinished(self) -> bool:
        return self.state in self.UNFINISHED

    @property
    def actor(self) -> Actor:
        kinds: dict[str, ActorKind] = {"staff": "staff", "system": "system"}
        return Actor(
            kind=kinds[self.actor_kind],
            id=self.actor_id,
            name=self.actor_name,
            role=self.actor_role,
            organisation=self.organisation,
        )

    @property
    def wanted(self) -> EventFilter:
        """What it holds: never anything from after it was asked for, so that numbers in it agree."""
        return EventFilter.parse(self.terms).before(self.requested_at)

    @property
    def percent(self) -> int:
        return min(99, self.steps_done * 100 // self.steps_total) if self.steps_total else 0

    def seconds_left(self, now: datetime | None = None) -> int | None:
        """By the speed so far; None while there is none to tell by."""
        if self.state != self.State.MAKING or not self.started_at or self.steps_done * 50 < self.steps_total:
            return None
        spent = (now or timezone.now()) - self.started_at
        if not self.steps_done or spent < timedelta(seconds=2):
            return None
        return round(spent.total_seconds() * (self.steps_total - self.steps_done) / self.steps_done)


class ExportFile(models.Model):
    """A finished file in the store, with the hashes that stand in the evidence."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="files")
    position = models.SmallIntegerField()
    name = models.CharField(_("文件名"), max_length=100)
    path = models.CharField(max_length=300)
    size = models.BigIntegerField(_("大小"))
    sha256 = models.CharField(_("摘要 (SHA-256)"), max_length=64)
    sm3 = models.CharField(_("摘要 (SM3)"), max_length=64)

    class Meta:
        verbose_name = _("审计导出文件")
        verbose_name_plural = _("审计导出文件")
        default_permissions = ()
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["export", "position"], name="an export's files are in order")
        ]
