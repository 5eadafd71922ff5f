"""Small pieces of the shell: icons, states, times."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.actions import label_of
from audit.exports.terms import object_label
from audit.masking import mask
from audit.models import Event
from audit.parties import SYSTEM

register = template.Library()

OUTCOMES = {
    Event.Outcome.SUCCEEDED: ("green", "check"),
    Event.Outcome.REFUSED: ("amber", "ban"),
    Event.Outcome.FAILED: ("red", "warning"),
}
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
def masked(text: str) -> str:
    """The text with its personal numbers masked."""
    return mask(text)


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
    kind = object_label(event.object_type)
    name = mask(event.object_name or event.object_id)
    return format_html('<span class="gv-muted gv-small">{}</span> {}', kind, name)
