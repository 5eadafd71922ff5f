"""Lists, versions, levels and rules as staff read them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from govvoice.portal.broadcasts.wording import Badge
from synthesis.screening.documents import Pattern
from synthesis.screening.models import LEVELS, Category, ListVersion, ReviewItem, Scope
from synthesis.screening.verdicts import Level

_STATES = {
    ListVersion.State.DRAFT: ("grey", "edit"),
    ListVersion.State.PENDING: ("amber", "stamp"),
    ListVersion.State.ACTIVE: ("green", "check"),
    ListVersion.State.REFUSED: ("orange", "return"),
    ListVersion.State.RETIRED: ("grey", "history"),
}
_HELD = {
    ReviewItem.State.WAITING: ("amber", "clock"),
    ReviewItem.State.ONCE: ("blue", "check"),
    ReviewItem.State.ALWAYS: ("green", "check"),
    ReviewItem.State.SPENT: ("grey", "history"),
    ReviewItem.State.REFUSED: ("red", "ban"),
}
_LEVEL_LOOKS = {
    Level.BLOCK: ("red", "ban"),
    Level.REVIEW: ("amber", "stamp"),
    Level.MASK: ("blue", "edit"),
    Level.RECORD: ("grey", "log"),
}
SETTINGS = {
    "name": gettext_lazy("词库名称"),
    "category": gettext_lazy("类别"),
    "level": gettext_lazy("处理方式"),
    "scope": gettext_lazy("适用范围"),
    "scope_key": gettext_lazy("范围代码"),
    "reason": gettext_lazy("说明"),
    "basis": gettext_lazy("法律依据"),
    "effective_from": gettext_lazy("生效日期"),
    "effective_to": gettext_lazy("失效日期"),
    "is_enabled": gettext_lazy("启用"),
    "options": gettext_lazy("变形识别"),
}
OPTIONS = {
    "case": gettext_lazy("大小写"),
    "width": gettext_lazy("全角与兼容字形"),
    "script": gettext_lazy("繁体与异体字"),
    "styled": gettext_lazy("带圈、花体字母数字"),
    "digits": gettext_lazy("数字的各种写法"),
    "lookalikes": gettext_lazy("形近外文字母"),
    "invisible": gettext_lazy("零宽、不可见字符"),
    "spacing": gettext_lazy("词中空白"),
    "punctuation": gettext_lazy("词中标点符号"),
    "emoji": gettext_lazy("词中表情符号"),
    "markup": gettext_lazy("词中标签"),
    "repeats": gettext_lazy("叠字"),
    "escapes": gettext_lazy("百分号与 HTML 转义"),
    "pinyin": gettext_lazy("拼音"),
    "homophones": gettext_lazy("同音字"),
    "split": gettext_lazy("拆字"),
    "reverse": gettext_lazy("倒序"),
    "whole_word": gettext_lazy("英文按整词"),
    "whole_number": gettext_lazy("数字按整数"),
    "innocent": gettext_lazy("放过恰好相邻的无关词语"),
}
RULES = {
    "pattern": gettext_lazy("正则表达式"),
    "identity_card": gettext_lazy("居民身份证号"),
    "mobile": gettext_lazy("手机号码"),
    "bank_card": gettext_lazy("银行卡号"),
    "address": gettext_lazy("详细住址"),
    "email": gettext_lazy("电子邮箱"),
    "url": gettext_lazy("网址"),
    "ip": gettext_lazy("IP 地址"),
    "number": gettext_lazy("长串数字"),
    "name_title": gettext_lazy("姓名与职务不符"),
    "event_date": gettext_lazy("事件与日期组合"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """A setting with both of its values, in words."""

    label: str
    before: str
    after: str


def version_badge(version: ListVersion) -> Badge:
    state = ListVersion.State(version.state)
    if state == ListVersion.State.RETIRED and version.decided_at is None and version.author_id is not None:
        return Badge(_("已放弃"), "grey", "ban")
    if state == ListVersion.State.ACTIVE and not version.is_enabled:
        return Badge(_("停用"), "grey", "ban")
    return Badge(str(state.label), *_STATES[state])


def held_badge(item: ReviewItem) -> Badge:
    state = ReviewItem.State(item.state)
    return Badge(str(state.label), *_HELD[state])


def level_badge(level: str) -> Badge:
    return Badge(level_name(level), *_LEVEL_LOOKS[Level(level)])


def level_name(level: str) -> str:
    return str(dict(LEVELS)[level])


def category_name(category: str) -> str:
    return str(dict(Category.choices).get(category, category))


def scope_of(version: ListVersion) -> str:
    """Where it holds: 全部, 渠道：政务大厅广播."""
    if version.scope == Scope.ALL:
        return version.scope_name
    return _("%(kind)s：%(name)s") % {"kind": Scope(version.scope).label, "name": version.scope_name}


def effective_of(version: ListVersion) -> str:
    since, until = version.effective_from, version.effective_to
    if until is None:
        return _("%(since)s 起") % {"since": since.isoformat()}
    return _("%(since)s 至 %(until)s") % {"since": since.isoformat(), "until": until.isoformat()}


def rule_name(rule: Pattern) -> str:
    """正则表达式：\\d{6}."""
    name = str(RULES.get(rule.kind, rule.kind))
    told = "；".join(_plain(value) for value in rule.parameters.values())
    return f"{name}：{told}" if told else name


def changes(pairs: dict[str, tuple[Any, Any]]) -> list[Change]:
    return [
        Change(str(SETTINGS[name]), setting(name, before), setting(name, after))
        for name, (before, after) in pairs.items()
    ]


def setting(name: str, value: Any) -> str:
    """A setting's value in words."""
    words: dict[str, Callable[[Any], str]] = {
        "category": category_name,
        "level": level_name,
        "scope": lambda scope: str(Scope(scope).label),
        "is_enabled": lambda on: _("是") if on else _("否"),
        "options": lambda options: "、".join(option_words(options)),
    }
    return (words[name](value) if name in words else str(value or "")) or "—"


def option_words(options: dict[str, Any]) -> list[str]:
    """What differs from the library's own choice: 不识别拼音."""
    words = [(str(OPTIONS[name]), value) for name, value in options.items() if name in OPTIONS]
    told = [(_("识别%(name)s") if on else _("不识别%(name)s")) % {"name": name} for name, on in words]
    if "gap" in options:
        told.append(_("字间最多跳过 %(count)d 个字符") % {"count": options["gap"]})
    return told


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "，".join(f"{name}：{_plain(one)}" for name, one in value.items())
    if isinstance(value, str) or not isinstance(value, Iterable):
        return str(value)
    return "、".join(map(_plain, value))
