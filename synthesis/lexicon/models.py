"""Staff's word on how something is read (读音词典). One row is one revision; nothing decided is rewritten."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from synthesis import scopes
from synthesis.lexicon.reading import check_entry, check_word, normal_word, parse_reading
from synthesis.lexicon.scopes import Scope


class Days(Func):
    """The days an entry is in effect, both ends included; a missing end is open."""

    function = "DATERANGE"
    output_field = DateRangeField()


class Entry(models.Model):
    """A word, and how it is read or what is said in its place, where and when."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        PENDING = "pending", _("待审核")
        ACTIVE = "active", _("生效")
        REFUSED = "refused", _("驳回")
        RETIRED = "retired", _("停用")

    word = models.CharField(_("词语"), max_length=64)
    # What is compared: full-width and traditional forms of a word are that word.
    folded = models.CharField(max_length=128, editable=False)
    reading = models.CharField(_("读音"), max_length=512, blank=True)
    replacement = models.CharField(_("替换文本"), max_length=200, blank=True)
    scope = models.CharField(_("适用范围"), max_length=16, choices=Scope.choices, default=Scope.ALL)
    scope_key = models.CharField(_("范围代码"), max_length=64, blank=True)
    note = models.CharField(_("说明或依据"), max_length=200, blank=True)
    examples = models.TextField(_("例句"), max_length=500, blank=True)
    effective_from = models.DateField(_("生效日期"), default=timezone.localdate)
    effective_to = models.DateField(_("失效日期（含当日）"), null=True, blank=True)
    state = models.CharField(
        _("状态"), max_length=8, choices=State.choices, default=State.PENDING, editable=False
    )

    number = models.PositiveIntegerField(_("版本号"), default=1, editable=False)
    supersedes = models.ForeignKey(
        "self",
        verbose_name=_("上一版本"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="successors",
    )
    author_id = models.BigIntegerField(_("提交人编号"), editable=False)
    author_name = models.CharField(_("提交人"), max_length=64, editable=False)
    created_at = models.DateTimeField(_("提交时间"), default=timezone.now, editable=False)
    decider_id = models.BigIntegerField(_("审核人编号"), null=True, editable=False)
    decider_name = models.CharField(_("审核人"), max_length=64, blank=True, editable=False)
    decided_at = models.DateTimeField(_("审核时间"), null=True, editable=False)
    refusal = models.CharField(_("驳回原因"), max_length=300, blank=True, editable=False)
    retired_at = models.DateTimeField(_("停用时间"), null=True, editable=False)
    retired_by_name = models.CharField(_("停用人"), max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("读音词典")
        ordering = ["word", "scope", "scope_key", "-number"]
        permissions = [("approve_entry", "Can decide on and retire a lexicon entry")]
        indexes = [
            models.Index(fields=["state", "folded"], name="entry_by_state_and_word"),
            models.Index(fields=["folded", "scope", "scope_key"], name="entry_history"),
        ]
        constraints = [
            models.CheckConstraint(
                name="an_entry_has_a_reading_or_a_replacement",
                condition=Q(reading="") ^ Q(replacement=""),
            ),
            models.CheckConstraint(
                name="an_entry_names_its_scope",
                condition=Q(scope="all", scope_key="") | (~Q(scope="all") & ~Q(scope_key="")),
            ),
            models.CheckConstraint(
                name="an_entry_ends_after_it_begins",
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
            ),
            models.CheckConstraint(
                name="nobody_decides_on_his_own_entry",
                condition=Q(decider_id__isnull=True) | ~Q(decider_id=F("author_id")),
            ),
            models.CheckConstraint(
                name="an_active_entry_was_decided_on",
                condition=~Q(state="active") | Q(decider_id__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_refused_entry_says_why",
                condition=~Q(state="refused")
                | (Q(decider_id__isnull=False, decided_at__isnull=False) & ~Q(refusal="")),
            ),
            models.UniqueConstraint(
                name="a_word_waits_once_for_each_scope",
                fields=["folded", "scope", "scope_key"],
                condition=Q(state="pending"),
            ),
            ExclusionConstraint(
                name="an_active_word_is_read_one_way_at_a_time",
                expressions=[
                    ("folded", RangeOperators.EQUAL),
                    ("scope", RangeOperators.EQUAL),
                    ("scope_key", RangeOperators.EQUAL),
                    (
                        Days("effective_from", "effective_to", RangeBoundary(inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(state="active"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.word} → {self.spoken}"

    @property
    def spoken(self) -> str:
        """What is said for the word: its syllables, or the text in its place."""
        return self.reading or self.replacement

    @property
    def scope_name(self) -> str:
        """For staff to read; the bare code when what it named is gone."""
        if self.scope == Scope.ALL:
            return str(Scope.ALL.label)
        return scopes.name_of(self.scope, self.scope_key) or self.scope_key

    def is_in_effect(self, day: date) -> bool:
        """By its dates alone, whatever its state."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)

    def clean_fields(self, exclude: object = None) -> None:
        """Forms of one thing become one form before anything is compared."""
        self.word = self.word.strip()
        self.replacement = self.replacement.strip()
        self.folded = normal_word(self.word)[:128]
        try:
            check_word(self.word)
        except ValidationError as error:
            raise ValidationError({"word": error}) from error
        try:
            self.reading = parse_reading(self.reading)
        except ValidationError as error:
            raise ValidationError({"reading": error}) from error
        for name in ("note", "examples"):
            if not all(map(_is_plain, getattr(self, name))):
                raise _refused(name, "text_invalid_character", _("含有不能使用的控制字符。"))
        super().clean_fields(exclude=exclude)  # type: ignore[arg-type]

    def clean(self) -> None:
        if bool(self.reading) == bool(self.replacement):
            raise _refused("reading", "reading_or_replacement", _("读音和替换文本须填写其中一项。"))
        check_entry(self.word, self.reading, self.replacement)
        if scopes.name_of(self.scope, self.scope_key) is None:
            shown = self.scope_key or _("（空）")
            raise _refused("scope_key", "scope_unknown", _("没有这个范围代码：%(key)s。") % {"key": shown})
        if self.effective_to is not None and self.effective_to < self.effective_from:
            raise _refused("effective_to", "dates_reversed", _("失效日期不能早于生效日期。"))


def _is_plain(sign: str) -> bool:
    return sign in "\n\r\t" or unicodedata.category(sign) not in {"Cc", "Cs"}


def _refused(field: str, code: str, message: Any) -> ValidationError:
    return ValidationError({field: ValidationError(message, code=code)})


class Version(models.Model):
    """The one row that every change of what is in force counts up: processes look here, and nowhere else."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(_("词典版本"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("词典版本")
        default_permissions = ()
        constraints = [models.CheckConstraint(name="there_is_one_lexicon_version", condition=Q(id=1))]

    def __str__(self) -> str:
        return str(self.number)
