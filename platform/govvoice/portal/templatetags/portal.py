"""Small pieces of the shell: icons, states, times."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Policy
from audit.actions import label_of
from audit.masking import mask
from audit.models import Event
from audit.parties import SYSTEM

register = template.Library()

OUTCOMES = {
    Event.Outcome.SUCCEEDED: ("green", "check"),
    Event.Outcome.REFUSED: ("amber", "ban"),
    Event.Outcome.FAILED: ("red", "warning"),
}
OBJECTS = {
    "access_key": gettext_lazy("AccessKey"),
    "broadcast": gettext_lazy("播报"),
    "channel": gettext_lazy("渠道"),
    "client": gettext_lazy("接入系统"),
    "event": gettext_lazy("审计记录"),
    "export": gettext_lazy("审计导出"),
    "key": gettext_lazy("密钥"),
    "lexicon": gettext_lazy("读音词典"),
    "organisation": gettext_lazy("部门"),
    "policy": gettext_lazy("安全策略"),
    "speaker": gettext_lazy("发音人"),
    "speech": gettext_lazy("合成"),
    "staff": gettext_lazy("账号"),
    "texts": gettext_lazy("审计文本"),
    "review": gettext_lazy("待审文本"),
    "term": gettext_lazy("敏感词"),
    "token": gettext_lazy("令牌"),
    "voice": gettext_lazy("音色"),
    "wordlist": gettext_lazy("敏感词库"),
}
DETAILS = {
    "action": gettext_lazy("操作"),
    "added": gettext_lazy("新增"),
    "allowed": gettext_lazy("放行词变更数"),
    "actor": gettext_lazy("操作者"),
    "address": gettext_lazy("来源地址"),
    "after": gettext_lazy("修改后"),
    "appkey": gettext_lazy("AppKey"),
    "before": gettext_lazy("修改前"),
    "by": gettext_lazy("执行人"),
    "bytes": gettext_lazy("文件大小（字节）"),
    "cache": gettext_lazy("缓存"),
    "calls_at_once": gettext_lazy("同时合成上限"),
    "calls_per_minute": gettext_lazy("每分钟调用上限"),
    "calls_per_second": gettext_lazy("每秒调用上限"),
    "category": gettext_lazy("类别"),
    "certificate_ignored": gettext_lazy("不可信来源所称的证书指纹"),
    "certificates": gettext_lazy("客户端证书指纹"),
    "changed": gettext_lazy("修改"),
    "characters_per_day": gettext_lazy("每日字数限额"),
    "client": gettext_lazy("接入系统"),
    "confidential": gettext_lazy("加密保存"),
    "contact": gettext_lazy("联系人"),
    "default_voice": gettext_lazy("默认发音人"),
    "description": gettext_lazy("介绍"),
    "display_name": gettext_lazy("姓名"),
    "emotion": gettext_lazy("情感"),
    "emotions": gettext_lazy("所用情感"),
    "engine_version": gettext_lazy("引擎版本"),
    "ended": gettext_lazy("吊销的令牌数"),
    "expires_at": gettext_lazy("到期时间"),
    "faults": gettext_lazy("需要更正的行数"),
    "file": gettext_lazy("文件名"),
    "files": gettext_lazy("文件"),
    "format": gettext_lazy("格式"),
    "gender": gettext_lazy("性别（按听感）"),
    "kind": gettext_lazy("类别"),
    "languages": gettext_lazy("语种"),
    "last_login": gettext_lazy("最近登录"),
    "invisible": gettext_lazy("不可见字符数"),
    "is_active": gettext_lazy("启用"),
    "is_default": gettext_lazy("默认"),
    "method": gettext_lazy("请求方法"),
    "name": gettext_lazy("名称"),
    "name_en": gettext_lazy("英文名称"),
    "object": gettext_lazy("对象"),
    "object_type": gettext_lazy("对象类型"),
    "order": gettext_lazy("次序"),
    "organisation": gettext_lazy("部门"),
    "outcome": gettext_lazy("结果"),
    "outdated": gettext_lazy("需重新合成的音频数"),
    "path": gettext_lazy("页面地址"),
    "picture": gettext_lazy("头像"),
    "proof": gettext_lazy("验证方式"),
    "proposed_by": gettext_lazy("提出人"),
    "purpose": gettext_lazy("用途"),
    "reason": gettext_lazy("原因"),
    "redacted": gettext_lazy("隐去个人信息"),
    "removed": gettext_lazy("删除"),
    "replacing": gettext_lazy("替换整个词库"),
    "request_id": gettext_lazy("请求编号"),
    "response": gettext_lazy("合成应答方式"),
    "restores": gettext_lazy("恢复自版本"),
    "revision": gettext_lazy("版本号"),
    "role": gettext_lazy("角色"),
    "rows": gettext_lazy("记录数"),
    "rules": gettext_lazy("规则变更数"),
    "scope": gettext_lazy("适用范围"),
    "scope_key": gettext_lazy("范围代码"),
    "sha256": gettext_lazy("摘要 (SHA-256)"),
    "since": gettext_lazy("起始日期"),
    "sm3": gettext_lazy("摘要 (SM3)"),
    "spoken": gettext_lazy("读作"),
    "spoken_characters": gettext_lazy("朗读字数"),
    "ssml": gettext_lazy("SSML 标记文本"),
    "state": gettext_lazy("状态"),
    "successor": gettext_lazy("替代音色"),
    "text": gettext_lazy("内容"),
    "texts": gettext_lazy("文本数"),
    "unreadable": gettext_lazy("无法朗读的字数"),
    "until": gettext_lazy("截止日期"),
    "username": gettext_lazy("登录名"),
    "voice": gettext_lazy("发音人"),
    "voices": gettext_lazy("所用发音人"),
    "word": gettext_lazy("词语"),
    "words": gettext_lazy("变更的词"),
}
SETTINGS = {field.name: field.verbose_name for field in Policy._meta.concrete_fields}
STAMP = "%Y-%m-%d %H:%M:%S"


@register.simple_tag
def icon(name: str) -> SafeString:
    """A picture beside words; it says nothing that they do not, so it is hidden from screen readers."""
    return format_html(
        '<svg class="gv-icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("portal/icons.svg"),
        name,
    )


@register.simple_tag
def tag(text: str, colour: str, picture: str = "") -> SafeString:
    """A state as a coloured tag with an icon: never colour alone.

    `colour` is one of grey, amber, orange, blue, green, red.
    """
    return format_html(
        '<span class="gv-tag gv-tag--{}">{}{}</span>', colour, icon(picture) if picture else "", text
    )


@register.filter
def stamp(moment: datetime | None) -> str:
    """2026-11-21 09:05:12 in Shanghai."""
    return timezone.localtime(moment).strftime(STAMP) if moment else ""


@register.simple_tag
def moment(value: datetime | None, empty: str = "") -> SafeString | str:
    """The time to the second, the distance from now beside it."""
    if value is None:
        return empty
    return format_html(
        '<time class="gv-time" datetime="{}">{}</time> <span class="gv-ago">{}</span>',
        value.isoformat(),
        stamp(value),
        ago(value),
    )


@register.filter
def ago(value: datetime) -> str:
    """How long ago, or in how long, in one unit: 刚刚, 5 分钟前, 3 天后."""
    seconds = (timezone.now() - value).total_seconds()
    words = _distance(int(abs(seconds)))
    if not words:
        return _("刚刚")
    return (
        _("%(distance)s前") % {"distance": words}
        if seconds > 0
        else _("%(distance)s后") % {"distance": words}
    )


def _distance(seconds: int) -> str:
    if seconds < 60:
        return ""
    if seconds < 3600:
        return ngettext("%(count)d 分钟", "%(count)d 分钟", seconds // 60) % {"count": seconds // 60}
    if seconds < 86400:
        return ngettext("%(count)d 小时", "%(count)d 小时", seconds // 3600) % {"count": seconds // 3600}
    return ngettext("%(count)d 天", "%(count)d 天", seconds // 86400) % {"count": seconds // 86400}


@register.filter
def grouped(number: int) -> str:
    """1234567 as 1,234,567."""
    return f"{number:,}"


@register.filter
def action_label(action: str) -> str:
    return label_of(action)


@register.filter
def facts(details: dict[str, Any]) -> list[tuple[str, str]]:
    """An event's details as people read them: label and value, personal numbers masked."""
    return [
        (str(DETAILS.get(name) or SETTINGS.get(name, name)), mask(_plain(value)))
        for name, value in details.items()
    ]


@register.filter
def masked(text: str) -> str:
    """The text with its personal numbers masked."""
    return mask(text)


def _plain(value: Any) -> str:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(side, str) for side in value):
        return f"{value[0] or '—'} → {value[1] or '—'}"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "、".join(value) or "—"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@register.simple_tag
def outcome_tag(event: Event) -> SafeString:
    return tag(str(event.get_outcome_display()), *OUTCOMES[Event.Outcome(event.outcome)])


@register.simple_tag
def seal_tag(event: Any) -> SafeString:
    """For an event of audit.selectors.with_seal."""
    return tag(_("已封存"), "blue", "lock") if event.sealed else tag(_("待封存"), "grey", "clock")


@register.filter
def who(name: str) -> str:
    """A person's or client's name, masked; the platform itself by its word."""
    return _("系统") if name == SYSTEM.name else mask(name)


@register.simple_tag
def actor(event: Event) -> SafeString | str:
    name = who(event.actor_name) or str(event.get_actor_kind_display())
    if not event.actor_role:
        return name
    return format_html('{} <span class="gv-muted gv-small">{}</span>', name, event.actor_role)


@register.simple_tag
def target(event: Event) -> SafeString | str:
    if not event.object_type:
        return ""
    kind = OBJECTS.get(event.object_type, event.object_type)
    name = mask(event.object_name or event.object_id)
    return format_html('<span class="gv-muted gv-small">{}</span> {}', kind, name)
