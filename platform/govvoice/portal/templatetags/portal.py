"""Small pieces of the shell: icons, states, times."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()

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


@register.simple_tag
def page_url(changes: ChangeList, step: int) -> str:
    """The address of the page `step` further in a list."""
    return changes.get_query_string({PAGE_VAR: changes.page_num + step})
