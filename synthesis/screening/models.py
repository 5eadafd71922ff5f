"""Words that must not go on air (敏感词)."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Term(models.Model):
    """A forbidden word or phrase."""

    class Category(models.TextChoices):
        FRAUD = "fraud", _("涉诈")
        GAMBLING = "gambling", _("赌博广告")
        SPAM = "spam", _("联系方式推广")
        SUPERLATIVE = "superlative", _("广告法绝对化用语")
        OTHER = "other", _("其他")

    text = models.CharField(_("敏感词"), max_length=64, unique=True)
    category = models.CharField(_("类别"), max_length=16, choices=Category.choices)
    reason = models.CharField(_("依据或说明"), max_length=200, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)
    is_shipped = models.BooleanField(_("随平台提供"), default=False, editable=False)
    updated_at = models.DateTimeField(_("更新时间"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("敏感词库")
        ordering = ["category", "text"]
        constraints = [
            models.CheckConstraint(name="a_term_is_not_blank", condition=~models.Q(text__regex=r"^\s*$"))
        ]

    def __str__(self) -> str:
        return self.text
