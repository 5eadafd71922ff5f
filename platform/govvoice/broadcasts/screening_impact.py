"""What a version of a word list would meet: tried on broadcasts and on the texts that are kept.

Texts of API calls are not kept, only their digests. What is kept is tried: the newest revision of every
broadcast, and of the last days finished audio and texts that were held for review. They are tried as they
are written; what the lexicon makes of them is judged when they are spoken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from govvoice.broadcasts.models import Broadcast, Revision
from govvoice.broadcasts.services import spec_of
from synthesis.models import Rendition
from synthesis.screening.current import Audience, Bench, make_bench
from synthesis.screening.models import ListVersion, ReviewItem
from synthesis.screening.verdicts import Hit

DAYS = 30
TEXTS_MOST = 20_000
State = Broadcast.State
_LIVE = (State.PUBLISHED, State.APPROVED, State.IN_REVIEW, State.DRAFT)


@dataclass(frozen=True, slots=True)
class Text:
    """A text that somebody had said, or wants said; `broadcast` is None where it belongs to none."""

    text: str
    audience: Audience
    broadcast: Broadcast | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """A text with the hits that only one of the two versions has, in the order of the text."""

    text: str
    broadcast: Broadcast | None
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """`texts` counts what was tried, `met` what would be met newly, `freed` what would be no more.

    `words` are those that would be met newly, with the number of texts: a word for each key.
    """

    texts: int
    broadcasts: int
    met: tuple[Tried, ...]
    freed: tuple[Tried, ...]
    words: tuple[tuple[str, int], ...]

    @property
    def on_air(self) -> int:
        """Broadcasts on air that would be met newly."""
        return sum(one.broadcast is not None and one.broadcast.state == State.PUBLISHED for one in self.met)


def try_version(version: ListVersion) -> Trial:
    """The version against what is in force of its list, on every text once. Raises ListSealed."""
    day = timezone.localdate()
    coming = make_bench([version] if version.is_enabled else [], day)
    present = version.word_list.in_force
    holding = [present] if present is not None and present != version and present.is_in_effect(day) else []
    now = make_bench(holding, day)
    texts = list(_texts())
    met: list[Tried] = []
    freed: list[Tried] = []
    for one in texts:
        before = _hits(now, holding, one)
        after = _hits(coming, [version], one)
        met += _beside(one, after, before)
        freed += _beside(one, before, after)
    words = Counter(word for one in met for word in {hit.term or hit.text for hit in one.hits})
    broadcasts = sum(one.broadcast is not None for one in texts)
    return Trial(len(texts), broadcasts, tuple(met), tuple(freed), tuple(words.most_common(20)))


def _hits(bench: Bench, versions: list[ListVersion], text: Text) -> tuple[Hit, ...]:
    """What the version says of the text, where it holds for those who hear it."""
    places = text.audience.places
    holds = any((version.scope, version.scope_key) in places for version in versions)
    return tuple(bench.judge(text.text)) if holds else ()


def _beside(text: Text, hits: tuple[Hit, ...], others: tuple[Hit, ...]) -> Iterator[Tried]:
    known = {(hit.rule, hit.level) for hit in others}
    if new := tuple(hit for hit in hits if (hit.rule, hit.level) not in known):
        yield Tried(text.text, text.broadcast, new)


def _texts() -> Iterator[Text]:
    """Every text once: first the broadcasts, then what was spoken or held lately, the newest first."""
    seen: set[str] = set()
    for text in _kept():
        if text.text and text.text not in seen:
            seen.add(text.text)
            yield text
        if len(seen) >= TEXTS_MOST:
            return


def _kept() -> Iterator[Text]:
    for revision in _revisions().iterator(chunk_size=500):
        spec = spec_of(revision)
        audience = Audience(spec.organisation, spec.channels)
        yield Text(revision.text, audience, revision.broadcast)
    since = timezone.now() - timedelta(days=DAYS)
    renditions = Rendition.objects.filter(created_at__gte=since).order_by("-created_at")
    for spec in renditions.values_list("spec", flat=True).iterator():
        yield Text(spec["text"], Audience(spec.get("organisation", ""), tuple(spec.get("channels", ()))))
    held = ReviewItem.objects.filter(created_at__gte=since).order_by("-created_at")
    for item in held.iterator():
        client = item.caller_id if item.caller_kind == "client" else ""
        yield Text(item.text, Audience(item.organisation, (), client))


def _revisions() -> QuerySet[Revision]:
    newest = Revision.objects.filter(broadcast=OuterRef("broadcast")).order_by("-number")
    return (
        Revision.objects.filter(broadcast__state__in=_LIVE, pk=Subquery(newest.values("pk")[:1]))
        .select_related("broadcast__organisation")
        .prefetch_related("broadcast__channels")
    )
