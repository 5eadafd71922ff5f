"""An event as a row of text for Excel and WPS: Chinese headings, Shanghai time, personal numbers masked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actions import choices
from audit.lines import visible
from audit.masking import mask
from audit.models import Event

# What a spreadsheet may take for a formula, also behind blanks, also full-width; TAB, CR and LF at the very
# start make it look at what follows them.
_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@|＝＋－＠｜]")
STAMP = "%Y-%m-%d %H:%M:%S.%f"


def safe_cell(text: str) -> str:
    """The text as a cell that no spreadsheet runs: a leading quote mark before what could be a formula."""
    text = text.replace("\x00", "\\u0000")
    return f"'{text}" if _FORMULA.match(text) else text


def row_of(event: Event, words: Words) -> list[str]:
    """The event's cells in the order of headings(), each on one visible line and safe to open."""
    return [safe_cell(visible(cell)) for cell in _cells(event, words)]


@dataclass(frozen=True, slots=True)
class Words:
    """Labels looked up once for a file: a translation for each cell would cost half of its time."""

    actions: dict[str, str]
    outcomes: dict[str, str]
    actor_kinds: dict[str, str]

    @classmethod
    def in_this_language(cls) -> Words:
        return cls(
            actions=dict(choices()),
            outcomes={value: str(label) for value, label in Event.Outcome.choices},
            actor_kinds={value: str(label) for value, label in Event.ActorKind.choices},
        )


def headings() -> list[str]:
    return [
        _("编号"),
        _("时间"),
        _("操作"),
        _("操作代码"),
        _("结果"),
        _("原因代码"),
        _("HTTP 状态"),
        _("操作者类型"),
        _("操作者编号"),
        _("操作者"),
        _("角色"),
        _("单位"),
        _("鉴别方式"),
        _("会话标记"),
        _("对象类型"),
        _("对象编号"),
        _("对象"),
        _("来源地址"),
        _("直连地址"),
        _("转发标头原文"),
        _("客户端软件"),
        _("请求编号"),
        _("文本摘要 (SHA-256)"),
        _("字数"),
        _("详情"),
    ]


def _cells(event: Event, words: Words) -> list[str]:
    return [
        str(event.id),
        f"{timezone.localtime(event.at):{STAMP}}",
        words.actions.get(event.action, event.action),
        event.action,
        words.outcomes[event.outcome],
        event.code,
        _or_empty(event.status),
        words.actor_kinds[event.actor_kind],
        event.actor_id,
        mask(event.actor_name),
        event.actor_role,
        event.organisation,
        event.auth_method,
        event.session,
        event.object_type,
        event.object_id,
        mask(event.object_name),
        event.address or "",
        event.peer_address or "",
        mask(event.forwarded_for),
        mask(event.user_agent),
        event.request_id,
        event.text_sha256,
        _or_empty(event.characters),
        mask(json.dumps(event.details, ensure_ascii=False, sort_keys=True)) if event.details else "",
    ]


def masked_fields(event: Event) -> dict[str, Any]:
    """The event's fields by their names, whole, personal numbers masked; for machines that read lines."""
    return {
        "id": event.id,
        "at": timezone.localtime(event.at).isoformat(),
        "action": event.action,
        "outcome": event.outcome,
        "code": event.code,
        "status": event.status,
        "actor_kind": event.actor_kind,
        "actor_id": event.actor_id,
        "actor_name": mask(event.actor_name),
        "actor_role": event.actor_role,
        "organisation": event.organisation,
        "auth_method": event.auth_method,
        "session": event.session,
        "object_type": event.object_type,
        "object_id": event.object_id,
        "object_name": mask(event.object_name),
        "address": event.address,
        "peer_address": event.peer_address,
        "forwarded_for": mask(event.forwarded_for),
        "user_agent": mask(event.user_agent),
        "request_id": event.request_id,
        "text_sha256": event.text_sha256,
        "characters": event.characters,
        "details": masked(event.details),
    }


def masked(value: Any) -> Any:
    """A copy of plain JSON with every text in it masked."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {mask(name): masked(item) for name, item in value.items()}
    if isinstance(value, list):
        return [masked(item) for item in value]
    return value


def _or_empty(number: int | None) -> str:
    return "" if number is None else str(number)
