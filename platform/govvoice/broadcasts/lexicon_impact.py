"""Which broadcasts a lexicon entry is heard in, and having them spoken anew.

What a decision on an entry does by itself: finished audio that says the word is marked 已过时
(`outdated_at`), and the keys of phrases change with their readings, so that old sounds in the cache are found
no more and age out. Texts that came through the API are not kept, so that only the phrases of broadcasts can
be counted.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import Staff
from audit.parties import Origin
from govvoice.broadcasts import services
from govvoice.broadcasts.models import Broadcast, Revision
from synthesis import pipeline
from synthesis.cache import redis
from synthesis.errors import SpeechError
from synthesis.lexicon.impact import Reach
from synthesis.lexicon.models import Entry
from synthesis.lexicon.services import history

log = logging.getLogger(__name__)

State = Broadcast.State
# What is heard, or on its way there, the nearest to the ear first; the rest is written anew before it is.
STATES = (State.PUBLISHED, State.APPROVED, State.IN_REVIEW, State.DRAFT)


def broadcasts_using(entry: Entry) -> list[Broadcast]:
    """Broadcasts that say the entry's word where it holds: on air, approved, in review, drafts."""
    found = [revision.broadcast for revision, _spans in _met(entry)]
    return sorted(found, key=lambda broadcast: (STATES.index(State(broadcast.state)), broadcast.code))


def use_counts(entries: Iterable[Entry]) -> dict[int, int]:
    """How many broadcasts say each entry's word, by its key: one look at the broadcasts for all of them."""
    reaches = {entry.pk: _reach_of(entry) for entry in entries}
    counts = dict.fromkeys(reaches, 0)
    for revision in _heard():
        for key, reach in reaches.items():
            counts[key] += bool(_spans(reach, revision))
    return counts


def respeak(*, entry: Entry, staff: Staff, origin: Origin | None) -> list[Broadcast]:
    """Has outdated audio made anew where the workflow allows it, and returns those broadcasts.

    See services.speak_anew for what happens in which state. One that cannot be spoken now stays outdated; the
    others do not wait for it.
    """
    return [
        broadcast
        for broadcast in broadcasts_using(entry)
        if is_outdated(broadcast) and _is_spoken_anew(broadcast, staff, origin)
    ]


def is_outdated(broadcast: Broadcast) -> bool:
    """Whether the audio that is heard, or decided on, was made before a reading in it was decided on."""
    revision = broadcast.published_revision or broadcast.latest
    return revision.rendition is not None and revision.rendition.outdated_at is not None


def cached_phrases(entry: Entry) -> int:
    """Phrases of these broadcasts that say the word and lie in the shared cache, read as they are now."""
    return redis.count(list({key for revision, spans in _met(entry) for key in _keys(revision, spans)}))


def _met(entry: Entry) -> Iterator[tuple[Revision, list[tuple[int, int]]]]:
    """The revisions that say the word, by this entry or by the one it takes the place of."""
    reach = _reach_of(entry)
    for revision in _heard():
        if spans := _spans(reach, revision):
            yield revision, spans


def _reach_of(entry: Entry) -> Reach:
    in_force = [row for row in history(entry)[1:] if row.state == Entry.State.ACTIVE]
    return Reach(entry, *in_force)


def _spans(reach: Reach, revision: Revision) -> list[tuple[int, int]]:
    spec = services.spec_of(revision)
    return reach.spans(
        revision.text, voice=revision.voice, organisation=spec.organisation, channels=spec.channels
    )


def _heard() -> QuerySet[Revision]:
    """The newest revision of each broadcast; what is on air is always its broadcast's newest."""
    newest = Revision.objects.filter(broadcast=OuterRef("broadcast")).order_by("-number")
    return (
        Revision.objects.filter(broadcast__state__in=STATES, pk=Subquery(newest.values("pk")[:1]))
        .select_related("broadcast__organisation", "broadcast__published_revision__rendition", "rendition")
        .prefetch_related("broadcast__channels")
    )


def _keys(revision: Revision, spans: list[tuple[int, int]]) -> list[str]:
    try:
        plan = pipeline.plan(services.spec_of(revision))
    except SpeechError:
        return []  # its voice is switched off, say: nothing of it can be in use
    return [
        key
        for key, phrase in zip(plan.phrase_keys, plan.script.phrases, strict=True)
        if any(start < phrase.end and phrase.start < end for start, end in spans)
    ]


def _is_spoken_anew(broadcast: Broadcast, staff: Staff, origin: Origin | None) -> bool:
    try:
        with transaction.atomic():
            return services.speak_anew(broadcast=broadcast, staff=staff, origin=origin) is not None
    except SpeechError:
        log.exception("%s cannot be spoken anew", broadcast.code)
        return False
