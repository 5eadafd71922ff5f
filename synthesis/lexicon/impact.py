"""What an entry touches: the places of a text where it is spoken, and audio that was made without it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from synthesis import text
from synthesis.lexicon.current import Place, as_text, in_effect, places_of
from synthesis.lexicon.models import Entry
from synthesis.lexicon.scopes import Scope
from synthesis.models import Rendition
from synthesis.text.characters import fold


class Reach:
    """Where entries are met, found as the reading library finds them; built once for many texts."""

    def __init__(self, *entries: Entry) -> None:
        self._by_place: dict[Place, text.Lexicon] = {}
        for entry in entries:
            place = (entry.scope, entry.scope_key)
            others = [other for other in entries if (other.scope, other.scope_key) == place]
            words = {other.folded: as_text(other) for other in others}
            self._by_place[place] = text.Lexicon(words.values())

    def spans(
        self, spoken: str, *, voice: str, organisation: str, channels: Iterable[str]
    ) -> list[tuple[int, int]]:
        """The places [start, end) of the text, in code points, that the entries decide on; mostly none."""
        here = places_of(voice=voice, organisation=organisation, channels=tuple(channels))
        rare = frozenset[str]().union(*(lexicon.rare for lexicon in self._by_place.values()))
        folded = fold(spoken, name_emoji=settings.NAME_EMOJI, keep=rare)
        met = {
            (folded.starts[island.start], folded.ends[island.end - 1])
            for place in here
            if place in self._by_place
            for island in self._by_place[place].islands(folded)
        }
        return sorted(met)

    def touches(self, spoken: str, *, voice: str, organisation: str, channels: Iterable[str]) -> bool:
        return bool(self.spans(spoken, voice=voice, organisation=organisation, channels=channels))


def channels_decide(spoken: str, channels: Iterable[str]) -> bool:
    """Whether one of the channels has a reading of its own in force for a word of the text."""
    active = Entry.objects.filter(in_effect(timezone.localdate()), state=Entry.State.ACTIVE)
    entries = active.filter(scope=Scope.CHANNEL, scope_key__in=list(channels))
    return Reach(*entries).touches(spoken, voice="", organisation="", channels=channels)


def mark_outdated(entries: Iterable[Entry], *, made_before: datetime | None = None) -> int:
    """Marks finished audio that says one of the words; its bytes stay. How many were marked."""
    reach = Reach(*entries)
    rows = Rendition.objects.filter(state=Rendition.State.READY, outdated_at=None)
    rows = rows.filter(touched_at__lt=made_before or timezone.now()).only("spec", "voice")
    outdated = [row.pk for row in rows.iterator() if _touches(reach, row)]
    return Rendition.objects.filter(pk__in=outdated).update(outdated_at=timezone.now())


def mark_by_calendar() -> int:
    """Marks the audio made before today that says a word whose entry begins today, or ended yesterday."""
    today = timezone.localdate()
    turned = Q(effective_from=today) | Q(effective_to=today - timedelta(days=1))
    entries = list(Entry.objects.filter(turned, state=Entry.State.ACTIVE))
    midnight = datetime.combine(today, time(), tzinfo=timezone.get_current_timezone())
    return mark_outdated(entries, made_before=midnight) if entries else 0


def _touches(reach: Reach, rendition: Rendition) -> bool:
    spec = rendition.spec
    return reach.touches(
        spec["text"],
        voice=rendition.voice,
        organisation=spec.get("organisation", ""),
        channels=spec.get("channels", ()),
    )
