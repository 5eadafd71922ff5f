"""What the log keeps from view: shown to whom it concerns, and ended for good when its time is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.errors import TextsKept, TextUnreadable
from audit.models import Event, TextKey
from audit.parties import Actor, Origin, Target
from audit.retention import is_held
from audit.services import record
from audit.texts import OpenedText, month_of, open_text


@dataclass(frozen=True, slots=True)
class Original:
    """An event without masks. `text` is None where there is none; `is_readable` says whether one opened."""

    event: Event
    text: OpenedText | None
    is_readable: bool = True


@transaction.atomic
def reveal(*, event: Event, actor: Actor, origin: Origin | None) -> Original:
    """The event without masks, with its text; who looked is itself on record."""
    try:
        original = Original(event, open_text(event))
    except TextUnreadable:
        original = Original(event, None, is_readable=False)
    record(
        action="audit.revealed",
        actor=actor,
        target=Target(type="event", id=str(event.pk), name=event.action),
        origin=origin,
        status=200,
        details={"text": _state(original)},
    )
    return original


@transaction.atomic
def destroy_texts(*, month: str, actor: Actor, origin: Origin | None = None, by: str = "") -> int:
    """Destroys the key of a month (2026-05) for good; returns how many texts nobody can read any more.

    `by` names the person behind an actor that is no person. Raises TextsKept.
    """
    if not month < month_of(timezone.now()):
        raise TextsKept(_("只能销毁已经过去的月份"))
    if is_held(date.fromisoformat(f"{month}-01")):
        raise TextsKept(_("该月处于法律保全中"))
    row = TextKey.objects.select_for_update(no_key=True).filter(month=month, destroyed_at=None).first()
    if row is None:
        raise TextsKept(_("该月没有可销毁的文本"))
    texts = _count(month)
    TextKey.objects.filter(month=month).update(sealed_key="", destroyed_at=timezone.now())
    record(
        action="audit.texts_destroyed",
        actor=actor,
        target=Target(type="texts", id=month, name=month),
        origin=origin,
        details={"texts": texts, **({"by": by} if by else {})},
    )
    return texts


def _state(original: Original) -> str:
    if not original.is_readable:
        return "unreadable"
    if original.text is None:
        return "none"
    return "destroyed" if original.text.text is None else "shown"


def _count(month: str) -> int:
    first = datetime.fromisoformat(f"{month}-01")
    following = (first + timedelta(days=32)).replace(day=1)
    begins, ends = timezone.make_aware(first), timezone.make_aware(following)
    return Event.objects.filter(at__gte=begins, at__lt=ends, sealed_text__isnull=False).count()
