"""A filter's terms as people read them, on paper and on screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.actions import label_of
from audit.models import Event

# What actions are about, by their first word.
GROUPS: dict[str, Promise] = {
    "access_key": gettext_lazy("AccessKey"),
    "api": gettext_lazy("接口请求"),
    "audit": gettext_lazy("审计"),
    "auth": gettext_lazy("登录"),
    "broadcast": gettext_lazy("播报"),
    "category": gettext_lazy("播报类别"),
    "channel": gettext_lazy("渠道"),
    "client": gettext_lazy("接入系统"),
    "clock": gettext_lazy("系统时钟"),
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
# What an act was done to: the types of its Target.
OBJECTS: dict[str, Promise] = {
    "access_key": gettext_lazy("AccessKey"),
    "audit_month": gettext_lazy("审计月份"),
    "broadcast": gettext_lazy("播报"),
    "category": gettext_lazy("播报类别"),
    "channel": gettext_lazy("渠道"),
    "client": gettext_lazy("接入系统"),
    "event": gettext_lazy("审计记录"),
    "export": gettext_lazy("审计导出"),
    "key": gettext_lazy("密钥"),
    "lexicon": gettext_lazy("读音词典"),
    "model": gettext_lazy("音色模型"),
    "organisation": gettext_lazy("部门"),
    "policy": gettext_lazy("安全策略"),
    "review": gettext_lazy("待审文本"),
    "signing_key": gettext_lazy("签名密钥"),
    "speaker": gettext_lazy("发音人"),
    "speech": gettext_lazy("合成"),
    "staff": gettext_lazy("账号"),
    "term": gettext_lazy("敏感词"),
    "texts": gettext_lazy("审计文本"),
    "token": gettext_lazy("令牌"),
    "voice": gettext_lazy("音色"),
    "wordlist": gettext_lazy("敏感词库"),
}
_LABELS: dict[str, Promise] = {
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


def asked(terms: Mapping[str, str]) -> list[tuple[str, str]]:
    """Terms (EventFilter.as_details) as label and value, in the order of the form."""
    return [
        (str(label), _READERS.get(name, str)(terms[name])) for name, label in _LABELS.items() if name in terms
    ]


def group_label(name: str) -> str:
    return str(GROUPS.get(name, name))


def object_label(name: str) -> str:
    return str(OBJECTS.get(name, name))


def all_of(name: str) -> str:
    """播报（全部）"""
    return _("%(group)s（全部）") % {"group": group_label(name)}


def moment(value: str) -> str:
    """2026-11-21 09:05:12 in Shanghai."""
    read = parse_datetime(value)
    return f"{timezone.localtime(read):%Y-%m-%d %H:%M:%S}" if read else value


def _action(value: str) -> str:
    group = value.removesuffix(".*")
    return label_of(value) if group == value else all_of(group)


def _outcome(value: str) -> str:
    return str(dict(Event.Outcome.choices).get(value, value))


_READERS: dict[str, Callable[[str], str]] = {
    "since": moment,
    "until": moment,
    "action": _action,
    "outcome": _outcome,
    "object_type": object_label,
}
