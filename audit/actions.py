"""The catalogue of what can be recorded: dotted actions, each with its Chinese label.

A room that does something new registers it when its app is ready: register("lexicon.changed", _("修改读音")).
"""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.errors import UnknownAction

Label = str | Promise

_DOTTED = re.compile(r"[a-z]+(_[a-z]+)*(\.[a-z]+(_[a-z]+)*)+")
_labels: dict[str, Label] = {}


def register(action: str, label: Label) -> str:
    """Adds an action and returns it. Raises ValueError for a name that is not dotted, or taken."""
    if not _DOTTED.fullmatch(action):
        raise ValueError(f"an action is dotted lower-case words, such as broadcast.approved, not {action!r}")
    if action in _labels:
        raise ValueError(f"the action {action!r} is registered already")
    _labels[action] = label
    return action


def require_registered(action: str) -> None:
    """Raises UnknownAction."""
    if action not in _labels:
        raise UnknownAction(action)


def is_registered(action: str) -> bool:
    return action in _labels


def label_of(action: str) -> str:
    """The Chinese label; the bare action for an old event whose action is registered no longer."""
    return str(_labels.get(action, action))


def choices() -> list[tuple[str, str]]:
    """(action, label) of every action, in the order of their names, for filters."""
    return [(action, str(_labels[action])) for action in sorted(_labels)]


for _action, _label in (
    ("auth.login", _("登录")),
    ("auth.logout", _("退出登录")),
    ("auth.failed", _("登录失败")),
    ("staff.created", _("创建账号")),
    ("client.created", _("新建接入系统")),
    ("client.changed", _("修改接入系统")),
    ("client.disabled", _("停用接入系统")),
    ("key.issued", _("签发密钥")),
    ("key.revoked", _("吊销密钥")),
    ("network.changed", _("修改 IP 白名单")),
    ("api.refused", _("拒绝接口请求")),
    ("speech.requested", _("请求合成")),
    ("preview.requested", _("试听合成")),
    ("rendition.made", _("生成成品音频")),
    ("broadcast.created", _("新建播报")),
    ("broadcast.edited", _("修改播报")),
    ("broadcast.submitted", _("提交审核")),
    ("broadcast.returned", _("退回修改")),
    ("broadcast.approved", _("批准播报")),
    ("broadcast.published", _("发布播报")),
    ("broadcast.withdrawn", _("撤回播报")),
    ("broadcast.fetched", _("获取播报音频")),
    ("audit.searched", _("查询审计日志")),
    ("audit.exported", _("导出审计日志")),
    ("audit.revealed", _("查看审计事件原文")),
    ("audit.texts_destroyed", _("销毁审计文本密钥")),
    ("audit.verification_requested", _("发起完整性校验")),
    ("audit.verified", _("完整性校验通过")),
    ("audit.verification_failed", _("完整性校验不通过")),
    ("audit.head_compared", _("比对纸质树头")),
    ("audit.proved", _("导出封存证明")),
    ("audit.archived", _("归档审计月份")),
    ("audit.restored", _("恢复归档月份")),
    ("audit.held", _("法律保全")),
    ("audit.hold_lifted", _("解除法律保全")),
    ("clock.step", _("系统时钟跳变")),
):
    register(_action, _label)
