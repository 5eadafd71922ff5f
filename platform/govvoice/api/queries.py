"""Query strings, read as strictly as bodies: every parameter is known, given once, and in its range."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from govvoice.api.refusals import FieldRefused, Refusal, printable

MAX_PAGE = 10_000
MAX_PAGE_SIZE = 100
DEFAULT_PAGE_SIZE = 20
CHANNEL = re.compile(r"[A-Za-z0-9_-]{1,32}")

_NUMBER = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class BroadcastQuery:
    channel: str | None
    page: int
    page_size: int

    @property
    def window(self) -> slice:
        start = (self.page - 1) * self.page_size
        return slice(start, start + self.page_size)


def read_broadcast_query(query: QueryDict) -> BroadcastQuery:
    """Raises Refusal 400."""
    given = single_values(query, known=("channel", "page", "page_size"))
    return BroadcastQuery(
        channel=_channel(given),
        page=_number(given, "page", most=MAX_PAGE, default=1),
        page_size=_number(given, "page_size", most=MAX_PAGE_SIZE, default=DEFAULT_PAGE_SIZE),
    )


def single_values(query: QueryDict, *, known: tuple[str, ...]) -> dict[str, str]:
    """The parameters by name. Raises Refusal 400 for an unknown or repeated one."""
    for name, values in query.lists():
        if name not in known:
            raise _refused(name, FieldRefused("query_unknown", _("没有这个查询参数。")))
        if len(values) > 1:
            raise _refused(name, FieldRefused("query_repeated", _("查询参数重复。")))
    return {name: values[0] for name, values in query.lists()}


def require_format(query: QueryDict, *, offered: str) -> None:
    """`format` may be named, and must then be the one there is. Raises Refusal 400."""
    if single_values(query, known=("format",)).get("format", offered) != offered:
        message = _("该播报的音频格式是 %(format)s。") % {"format": offered}
        raise _refused("format", FieldRefused("format", message))


def _channel(given: Mapping[str, str]) -> str | None:
    channel = given.get("channel")
    if channel is not None and not CHANNEL.fullmatch(channel):
        raise _refused("channel", FieldRefused("query_invalid", _("渠道代码格式不正确。")))
    return channel


def _number(given: Mapping[str, str], name: str, *, most: int, default: int) -> int:
    value = given.get(name, str(default))
    if not _NUMBER.fullmatch(value) or not 1 <= int(value) <= most:
        message = _("应为 1 到 %(most)d 的整数。") % {"most": most}
        raise _refused(name, FieldRefused("query_invalid", message))
    return int(value)


def _refused(name: str, refused: FieldRefused) -> Refusal:
    field = printable(name)
    return Refusal(400, refused.code, f"{field}: {refused.message}", errors=(refused.at(field),))
