"""Word lists (词库) with their versions, texts that wait for a person, and how often words are met.

What a list says is one document a version: nothing that was decided is rewritten, a change is a next version.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from synthesis import scopes
from synthesis.screening.verdicts import Level

LEVELS = [
    (Level.BLOCK.value, _("拦截")),
    (Level.REVIEW.value, _("待审")),
    (Level.MASK.value, _("替换")),
    (Level.RECORD.value, _("仅记录")),
]


class Category(models.TextChoices):
    FRAUD = "fraud", _("涉诈")
    GAMBLING = "gambling", _("赌博广告")
    OBSCENE = "obscene", _("低俗色情")
    VIOLENCE = "violence", _("暴恐违禁")
    POLITICS = "politics", _("涉政有害")
    ABUSE = "abuse", _("辱骂攻击")
    SPAM = "spam", _("联系方式推广")
    SUPERLATIVE = "superlative", _("广告法绝对化用语")
    PERSONAL = "personal", _("个人信息")
    TITLE = "title", _("称谓与职务")
    EVENT = "event", _("事件与日期")
    OTHER = "other", _("其他")


class Scope(models.TextChoices):
    """Whose texts a list holds for; several lists that hold for one text are judged together."""

    ALL = "all", _("全部")
    ORGANISATION = "organisation", _("部门")
    CHANNEL = "channel", _("渠道")
    CLIENT = "client", _("接入系统")


class Alone(Func):
    """An array of one number."""

    template = "ARRAY[%(expressions)s]"
    output_field = ArrayField(models.BigIntegerField())


class WordList(models.Model):
    """A list. What it is called, what it holds and how strict it is stand in its versions.

    Of a confidential one the words are stored sealed, see synthesis.screening.vault.
    """

    is_confidential = models.BooleanField(_("加密保存"), default=False, editable=False)
    # The code of a list that we ship, so that it is brought in once; empty for staff's own.
    shipped_as = models.CharField(max_length=32, blank=True, editable=False)
    created_at = models.DateTimeField(_("创建时间"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("敏感词库")
        default_permissions = ("view", "change")
        permissions = [("approve_wordlist", "Can decide on a version of a word list")]
        constraints = [
            models.UniqueConstraint(
                name="a_shipped_list_is_there_once", fields=["shipped_as"], condition=~Q(shipped_as="")
            )
        ]

    def __str__(self) -> str:
        return self.newest.name

    @property
    def newest(self) -> ListVersion:
        """Every list has a version."""
        return self.versions.latest("number")

    @property
    def in_force(self) -> ListVersion | None:
        return self.versions.filter(state=ListVersion.State.ACTIVE).first()


class ListVersion(models.Model):
    """What a list says, from its approval until the next version's. `content` is read by documents.open_."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        PENDING = "pending", _("待审核")
        ACTIVE = "active", _("生效")
        REFUSED = "refused", _("驳回")
        RETIRED = "retired", _("历史")

    word_list = models.ForeignKey(
        WordList, verbose_name=_("词库"), on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField(_("版本号"), default=1, editable=False)
    state = models.CharField(
        _("状态"), max_length=8, choices=State.choices, default=State.DRAFT, editable=False
    )

    name = models.CharField(_("词库名称"), max_length=32)
    category = models.CharField(_("类别"), max_length=16, choices=Category.choices, default=Category.OTHER)
    level = models.CharField(_("处理方式"), max_length=8, choices=LEVELS, default=Level.BLOCK.value)
    scope = models.CharField(_("适用范围"), max_length=16, choices=Scope.choices, default=Scope.ALL)
    scope_key = models.CharField(_("范围代码"), max_length=64, blank=True)
    reason = models.CharField(_("说明"), max_length=200, blank=True)
    basis = models.CharField(_("法律依据"), max_length=200, blank=True)
    effective_from = models.DateField(_("生效日期"), default=timezone.localdate)
    effective_to = models.DateField(_("失效日期（含当日）"), null=True, blank=True)
    is_enabled = models.BooleanField(_("启用"), default=True)
    # Names of synthesis.screening.verdicts.Options that differ from the library's own choice.
    options = models.JSONField(_("变形识别"), default=dict, blank=True)

    content = models.BinaryField(editable=False)
    digest = models.CharField(_("内容摘要"), max_length=64, editable=False)
    word_count = models.PositiveIntegerField(_("词数"), default=0, editable=False)
    allowed_count = models.PositiveIntegerField(_("放行词数"), default=0, editable=False)
    rule_count = models.PositiveIntegerField(_("规则数"), default=0, editable=False)

    # Null for what the platform ships.
    author_id = models.BigIntegerField(_("提交人编号"), null=True, editable=False)
    author_name = models.CharField(_("提交人"), max_length=64, editable=False)
    # Whoever has written on it may not decide on it.
    writers = ArrayField(models.BigIntegerField(), default=list, editable=False)
    created_at = models.DateTimeField(_("创建时间"), default=timezone.now, editable=False)
    changed_at = models.DateTimeField(_("修改时间"), default=timezone.now, editable=False)
    submitted_at = models.DateTimeField(_("提交时间"), null=True, editable=False)
    decider_id = models.BigIntegerField(_("审核人编号"), null=True, editable=False)
    decider_name = models.CharField(_("审核人"), max_length=64, blank=True, editable=False)
    decided_at = models.DateTimeField(_("审核时间"), null=True, editable=False)
    refusal = models.CharField(_("驳回原因"), max_length=300, blank=True, editable=False)
    # The number of the version that this one brings back.
    restores = models.PositiveIntegerField(_("恢复自版本"), null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("词库版本")
        ordering = ["word_list", "-number"]
        get_latest_by = "number"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(name="a_list_counts_its_versions", fields=["word_list", "number"]),
            models.UniqueConstraint(
                name="a_list_has_one_version_in_force", fields=["word_list"], condition=Q(state="active")
            ),
            models.UniqueConstraint(
                name="a_list_has_one_version_under_way",
                fields=["word_list"],
                condition=Q(state__in=["draft", "pending"]),
            ),
            models.CheckConstraint(name="a_list_has_a_name", condition=~Q(name__regex=r"^\s*$")),
            models.CheckConstraint(
                name="a_list_names_its_scope",
                condition=Q(scope="all", scope_key="") | (~Q(scope="all") & ~Q(scope_key="")),
            ),
            models.CheckConstraint(
                name="a_list_ends_after_it_begins",
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
            ),
            models.CheckConstraint(
                name="nobody_decides_on_a_list_he_wrote",
                condition=Q(decider_id__isnull=True) | ~Q(writers__contains=Alone("decider_id")),
            ),
            models.CheckConstraint(
                name="a_list_in_force_was_decided_on",
                condition=~Q(state="active")
                | Q(author_id__isnull=True)
                | Q(decider_id__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_refused_list_says_why",
                condition=~Q(state="refused") | (Q(decider_id__isnull=False) & ~Q(refusal="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"

    @property
    def scope_name(self) -> str:
        """For staff to read; the bare code when what it named is gone."""
        return scopes.name_of(self.scope, self.scope_key) or self.scope_key

    def is_in_effect(self, day: date) -> bool:
        """By its switch and dates alone, whatever its state."""
        ended = self.effective_to is not None and self.effective_to < day
        return self.is_enabled and self.effective_from <= day and not ended

    def clean(self) -> None:
        self.name = self.name.strip()
        if not self.name:
            raise _refused("name", "name_required", _("请填写词库名称。"))
        if scopes.name_of(self.scope, self.scope_key) is None:
            shown = self.scope_key or _("（空）")
            raise _refused("scope_key", "scope_unknown", _("没有这个范围代码：%(key)s。") % {"key": shown})
        if self.effective_to is not None and self.effective_to < self.effective_from:
            raise _refused("effective_to", "dates_reversed", _("失效日期不能早于生效日期。"))


def _refused(field: str, code: str, message: Any) -> ValidationError:
    return ValidationError({field: ValidationError(message, code=code)})


class ReviewItem(models.Model):
    """A text held until a person has decided whether it may be said (待审文本).

    It is kept, unlike other texts of callers, because somebody has to read it; `text` is emptied some time
    after the decision. `keys` name the words it was held for: a decision covers these and no others.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("待审")
        ONCE = "once", _("放行一次")
        ALWAYS = "always", _("始终放行")
        SPENT = "spent", _("已用")
        REFUSED = "refused", _("拒绝")

    code = models.CharField(_("待审编号"), max_length=20, unique=True, editable=False)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.WAITING)
    text = models.TextField(_("文本"))
    text_sha256 = models.CharField(max_length=64, db_index=True)
    hits = models.JSONField(_("命中"), default=list)
    keys = ArrayField(models.CharField(max_length=40), default=list)

    caller_kind = models.CharField(_("调用方类型"), max_length=10)
    caller_id = models.CharField(_("调用方编号"), max_length=64)
    caller_name = models.CharField(_("调用方"), max_length=64)
    organisation = models.CharField(_("部门代码"), max_length=32, blank=True)
    organisation_name = models.CharField(_("部门"), max_length=64, blank=True)
    request_id = models.CharField(_("请求编号"), max_length=64, blank=True)
    asked = models.PositiveIntegerField(_("请求次数"), default=1)
    created_at = models.DateTimeField(_("首次请求"), default=timezone.now)
    asked_at = models.DateTimeField(_("最近请求"), default=timezone.now)

    decider_id = models.BigIntegerField(_("审核人编号"), null=True)
    decider_name = models.CharField(_("审核人"), max_length=64, blank=True)
    decided_at = models.DateTimeField(_("审核时间"), null=True)
    reason = models.CharField(_("理由"), max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("待审文本")
        ordering = ["-created_at", "-pk"]
        default_permissions = ("view",)
        permissions = [("decide_reviewitem", "Can decide whether a held text may be said")]
        indexes = [models.Index(fields=["state", "created_at"], name="held_texts_by_state")]
        constraints = [
            models.UniqueConstraint(
                name="a_text_waits_once_for_a_caller",
                fields=["text_sha256", "caller_kind", "caller_id", "keys"],
                condition=Q(state="waiting"),
            ),
            models.CheckConstraint(
                name="a_decision_names_who_took_it",
                condition=Q(state="waiting") | Q(decider_id__isnull=False, decided_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class HitCount(models.Model):
    """How often a word or rule was met on one day in one caller's texts.

    `term` is empty for the words of a confidential list: `key` names them to whoever may open it.
    """

    day = models.DateField(_("日期"))
    key = models.CharField(max_length=40)
    term = models.CharField(_("敏感词"), max_length=64, blank=True)
    category = models.CharField(_("类别"), max_length=16)
    level = models.CharField(_("处理方式"), max_length=8)
    caller_kind = models.CharField(_("调用方类型"), max_length=10)
    caller_id = models.CharField(_("调用方编号"), max_length=64)
    caller_name = models.CharField(_("调用方"), max_length=64)
    count = models.PositiveBigIntegerField(_("次数"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("命中统计")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                name="a_days_hits_are_counted_in_one_row",
                fields=["day", "key", "level", "caller_kind", "caller_id"],
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.term or self.key} {self.count}"
