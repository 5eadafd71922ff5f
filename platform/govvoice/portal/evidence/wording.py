"""The words of the audit pages: groups of actions, states of exports, filters as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Client
from audit.actions import choices, label_of
from audit.exports.models import Export
from audit.models import Event
from govvoice.portal.templatetags.portal import OBJECTS, STAMP

GROUPS: dict[str, Promise] = {
    "api": gettext_lazy("接口请求"),
    "audit": gettext_lazy("审计"),
    "auth": gettext_lazy("登录"),
    "broadcast": gettext_lazy("播报"),
    "channel": gettext_lazy("渠道"),
    "client": gettext_lazy("接入系统"),
    "factor": gettext_lazy("登录验证方式"),
    "key": gettext_lazy("密钥"),
    "lexicon": gettext_lazy("读音词典"),
    "network": gettext_lazy("IP 白名单"),
    "notice": gettext_lazy("通知"),
    "organisation": gettext_lazy("部门"),
    "policy": gettext_lazy("安全策略"),
    "portal": gettext_lazy("门户页面"),
    "preview": gettext_lazy("试听"),
    "readings": gettext_lazy("读音查询"),
    "rendition": gettext_lazy("成品音频"),
    "review": gettext_lazy("待审文本"),
    "role": gettext_lazy("角色授权"),
    "screening": gettext_lazy("敏感词检查"),
    "signing_key": gettext_lazy("签名密钥"),
    "speaker": gettext_lazy("发音人"),
    "speech": gettext_lazy("合成"),
    "staff": gettext_lazy("账号"),
    "token": gettext_lazy("令牌"),
    "voice": gettext_lazy("音色"),
    "webhook": gettext_lazy("回调通知"),
    "wordlist": gettext_lazy("敏感词库"),
}
LABELS: dict[str, Promise] = {
    "since": gettext_lazy("起始时间"),
    "until": gettext_lazy("截止时间"),
    "action": gettext_lazy("操作"),
    "outcome": gettext_lazy("结果"),
    "actor": gettext_lazy("操作者"),
    "client": gettext_lazy("接入系统"),
    "object_type": gettext_lazy("对象类型"),
    "object": gettext_lazy("对象"),
    "address": gettext_lazy("来源地址"),
    "request_id": gettext_lazy("请求编号"),
}


def action_offers() -> list[tuple[str, list[tuple[str, str]]]]:
    """Actions in groups; each group begins with all of it, where it has more than one."""
    groups = groupby(choices(), key=lambda choice: choice[0].partition(".")[0])
    return [(_group(name), _all_of(name, list(members))) for name, members in groups]


def object_offers() -> list[tuple[str, str]]:
    return [(name, str(label)) for name, label in sorted(OBJECTS.items(), key=lambda entry: str(entry[1]))]


def asked(terms: Mapping[str, str]) -> list[tuple[str, str]]:
    """A filter's terms (EventFilter.as_details) as label and value, in the order of the form."""
    return [(str(label), _value(name, terms[name])) for name, label in LABELS.items() if name in terms]


def _group(name: str) -> str:
    return str(GROUPS.get(name, name))


def _all_of(name: str, members: list[tuple[str, str]]) -> list[tuple[str, str]]:
    if len(members) < 2:
        return members
    return [(f"{name}.*", _("%(group)s（全部）") % {"group": _group(name)}), *members]


def _value(name: str, value: str) -> str:
    if name in {"since", "until"}:
        return _moment(value)
    if name == "action":
        group = value.removesuffix(".*")
        return label_of(value) if group == value else _("%(group)s（全部）") % {"group": _group(group)}
    if name == "client":
        return str(Client.objects.filter(code=value).values_list("name", flat=True).first() or value)
    known: dict[str, Any] = {"outcome": dict(Event.Outcome.choices), "object_type": OBJECTS}
    return str(known.get(name, {}).get(value, value))


def _moment(value: str) -> str:
    moment = parse_datetime(value)
    return timezone.localtime(moment).strftime(STAMP) if moment else value


@dataclass(frozen=True, slots=True)
class Badge:
    word: str
    colour: str
    icon: str


_BADGES = {
    Export.State.QUEUED: ("grey", "clock"),
    Export.State.SEALING: ("grey", "lock"),
    Export.State.MAKING: ("blue", "refresh"),
    Export.State.READY: ("green", "check"),
    Export.State.FAILED: ("red", "warning"),
    Export.State.CANCELLED: ("grey", "cross"),
    Export.State.EXPIRED: ("grey", "history"),
}


def badge_of(export: Export) -> Badge:
    return Badge(export.get_state_display(), *_BADGES[Export.State(export.state)])


def name_of(export: Export) -> str:
    """What it is, in one line: 审计月报 2026-10, Excel 表格 (XLSX)·附证据包."""
    if export.kind == Export.Kind.MONTHLY and (since := parse_datetime(export.terms.get("since", ""))):
        return f"{export.get_kind_display()} {timezone.localtime(since):%Y-%m}"
    words = export.get_format_display()
    return f"{words}，{_('附证据包')}" if export.with_proof else words


def time_left(export: Export, now: datetime | None = None) -> str:
    """还需约 3 分钟; empty while it cannot be told."""
    seconds = export.seconds_left(now)
    if seconds is None:
        return ""
    if seconds < 60:
        return _("还需约 %(count)d 秒") % {"count": max(1, seconds)}
    minutes = round(timedelta(seconds=seconds) / timedelta(minutes=1))
    return _("还需约 %(count)d 分钟") % {"count": minutes}
