"""The security settings, as rows that two persons made."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.staff import Staff


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
