"""Announcements, their versions, and where they are heard."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Staff
from synthesis.categories import GENERAL
from synthesis.models import Rendition


class Channel(models.Model):
    """Where a broadcast is heard (渠道): a hotline menu slot, a hall's loudspeakers."""

    code = models.SlugField(_("渠道代码"), max_length=32, unique=True)
    name = models.CharField(_("渠道名称"), max_length=32, unique=True)
    is_active = models.BooleanField(_("启用"), default=True)
    # A voice's code: what is written for this channel begins with it.
    default_voice = models.CharField(_("默认发音人"), max_length=64, blank=True, default="")
    position = models.PositiveSmallIntegerField(_("排序"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("渠道")
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.name


class Zone(models.Model):
    """A part of a channel (分区): one hall, one street."""

    channel = models.ForeignKey(
        Channel, verbose_name=_("渠道"), on_delete=models.PROTECT, related_name="zones"
    )
    code = models.SlugField(_("分区代码"), max_length=32)
    name = models.CharField(_("分区名称"), max_length=32)

    class Meta:
        verbose_name = verbose_name_plural = _("分区")
        ordering = ["channel", "code"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "code"], name="a_zone_code_is_used_once_in_a_channel")
        ]

    def __str__(self) -> str:
        return self.name


class Broadcast(models.Model):
    """An announcement (播报). What is said stands in its revisions."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        IN_REVIEW = "in_review", _("待初审")
        RETURNED = "returned", _("退回修改")
        APPROVED = "approved", _("已批准")
        PUBLISHED = "published", _("播出中")
        WITHDRAWN = "withdrawn", _("已撤回")

    code = models.CharField(_("编号"), max_length=16, unique=True, editable=False)
    title = models.CharField(_("标题"), max_length=100)
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("部门"), on_delete=models.PROTECT, related_name="broadcasts"
    )
    state = models.CharField(_("状态"), max_length=16, choices=State.choices, default=State.DRAFT)
    channels = models.ManyToManyField(Channel, verbose_name=_("渠道"), related_name="broadcasts", blank=True)
    created_by = models.ForeignKey(
        Staff, verbose_name=_("创建人"), on_delete=models.PROTECT, related_name="broadcasts"
    )
    created_at = models.DateTimeField(_("创建时间"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("更新时间"), default=timezone.now, editable=False)
    updated_by = models.CharField(_("更新人"), max_length=64, editable=False)
    published_at = models.DateTimeField(_("发布时间"), null=True, editable=False)
    published_revision = models.ForeignKey(
        "Revision",
        verbose_name=_("播出版本"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        verbose_name = verbose_name_plural = _("播报")
        ordering = ["-updated_at"]
        permissions = [
            ("approve_broadcast", "Can approve or return a broadcast"),
            ("publish_broadcast", "Can publish or withdraw a broadcast"),
        ]
        constraints = [
            models.CheckConstraint(
                name="a_published_broadcast_says_what_and_since_when",
                condition=~Q(state="published")
                | Q(published_at__isnull=False, published_revision__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def latest(self) -> Revision:
        """The newest revision; every broadcast has one."""
        return self.revisions.latest("number")


class Revision(models.Model):
    """One version (版本) of what a broadcast says and how. Approval binds it to the hash of its audio."""

    broadcast = models.ForeignKey(
        Broadcast, verbose_name=_("播报"), on_delete=models.PROTECT, related_name="revisions"
    )
    number = models.PositiveIntegerField(_("版本号"))
    text = models.TextField(_("播报内容"), max_length=500)
    voice = models.CharField(_("发音人"), max_length=64)
    category = models.CharField(_("播报类别"), max_length=32, default=GENERAL)
    emotion = models.CharField(_("情感"), max_length=16, default="neutral")
    intensity = models.FloatField(
        _("强度"), default=1.0, validators=[MinValueValidator(0.01), MaxValueValidator(2.0)]
    )
    rate = models.FloatField(
        _("语速"), default=1.0, validators=[MinValueValidator(0.5), MaxValueValidator(2.0)]
    )
    pitch = models.FloatField(
        _("语调"), default=0.0, validators=[MinValueValidator(-12), MaxValueValidator(12)]
    )
    volume = models.PositiveSmallIntegerField(_("音量"), default=50, validators=[MaxValueValidator(100)])
    author = models.ForeignKey(
        Staff, verbose_name=_("撰稿人"), on_delete=models.PROTECT, related_name="revisions"
    )
    author_name = models.CharField(_("撰稿人姓名"), max_length=64)
    created_at = models.DateTimeField(_("撰写时间"), default=timezone.now, editable=False)
    rendition = models.ForeignKey(
        Rendition, verbose_name=_("成品音频"), on_delete=models.PROTECT, null=True, related_name="revisions"
    )
    submitted_at = models.DateTimeField(_("提交时间"), null=True)
    decided_by = models.ForeignKey(
        Staff, verbose_name=_("审核人"), on_delete=models.PROTECT, null=True, related_name="decisions"
    )
    decided_by_name = models.CharField(_("审核人姓名"), max_length=64, blank=True)
    decided_at = models.DateTimeField(_("审核时间"), null=True)
    return_reason = models.CharField(_("退回原因"), max_length=300, blank=True)
    approved_sha256 = models.CharField(_("批准的音频摘要"), max_length=64, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("版本")
        ordering = ["broadcast", "-number"]
        get_latest_by = "number"
        constraints = [
            models.UniqueConstraint(fields=["broadcast", "number"], name="a_broadcast_counts_its_revisions"),
            models.CheckConstraint(
                name="nobody_decides_on_his_own_revision",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("author")),
            ),
            models.CheckConstraint(
                name="an_approved_revision_is_bound_to_its_audio",
                condition=Q(approved_sha256="")
                | Q(
                    approved_sha256__regex=r"^[0-9a-f]{64}$",
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                    rendition__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.broadcast} v{self.number}"
