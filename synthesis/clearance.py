"""Whether a text may be said: judged as it is written and as it is heard, before anything is spoken.

Engines are given the parts of a cleared plan and nothing else; a test keeps it so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from audit.parties import Actor
from synthesis import pipeline
from synthesis.casting import Cast
from synthesis.errors import SpeechUnavailable, TextBlocked, VoiceUnknown
from synthesis.pipeline import Plan
from synthesis.screening import statistics
from synthesis.screening.current import Audience
from synthesis.screening.services import judge
from synthesis.screening.verdicts import Hit, Level
from synthesis.spec import SpeechSpec
from synthesis.ssml_faults import placed
from synthesis.text import Entry, LexiconError
from synthesis.text.lexicon import check

_Places = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Cleared:
    """A plan that nothing forbids. `hits` is what the lists say of its text all the same."""

    plan: Plan
    hits: tuple[Hit, ...]

    @property
    def undecided(self) -> tuple[Hit, ...]:
        """What a person has to decide on before the sound goes out."""
        return tuple(hit for hit in self.hits if hit.level is Level.REVIEW)


def clear(
    spec: SpeechSpec,
    *,
    actor: Actor | None = None,
    trials: Sequence[Entry] = (),
    cast: Cast | None = None,
) -> Cleared:
    """The plan of a text that may be said: as it is written, and as it is heard. Raises SpeechError.

    What the lexicon puts in the place of a word may make a forbidden one with what stands beside it. Of SSML
    the text is judged that its tags leave, so that none of them can part a word, and what phonemes say. A
    masked word is read as staff's substitute; where there is none, or where it does not take the word out of
    what is heard, the text is blocked. With `actor`, whose text it is, hits are counted for him. `cast`
    speaks in the place of whom the catalogue names, without staff's readings.
    """
    audience = audience_of(spec, actor)
    hits = written_hits(spec, audience)
    try:
        refuse_blocked(spec, hits)
        substitutes = _substitutes(spec, hits)
        plan = (
            pipeline.plan(spec, trials=[*substitutes, *trials])
            if cast is None
            else pipeline.plan_of(spec, pipeline.read_by(spec, None, cast, {}))
        )
        heard = _judged(plan.script.normalized, plan.script.spans, audience)
        hits += _beside(heard, hits)
        # A masked word that is still heard: its substitute did not reach it.
        _refuse(spec, heard, {Level.BLOCK, Level.MASK})
    finally:
        if actor is not None:
            statistics.count(hits, actor)
    return Cleared(plan, tuple(hits))


def find(spec: SpeechSpec, *, actor: Actor | None = None) -> list[Hit]:
    """Everything that the lists say of the text, at its places as it was sent. Raises TextRefused (SSML).

    What is heard is judged with the voice's readings; where there is no such voice now, what is written.
    """
    audience = audience_of(spec, actor)
    hits = written_hits(spec, audience)
    try:
        script = pipeline.read(spec).script
    except (VoiceUnknown, SpeechUnavailable):
        return hits
    found = [*hits, *_beside(_judged(script.normalized, script.spans, audience), hits)]
    return sorted(found, key=lambda hit: (hit.start, -hit.end))


def written_hits(spec: SpeechSpec, audience: Audience) -> list[Hit]:
    """What the lists say of the text before anybody has read it. Raises TextRefused (SSML)."""
    markup = pipeline.markup_of(spec)
    if markup is None:
        return list(judge(spec.text, audience).hits)
    written = _judged(markup.text, markup.places, audience)
    return [*written, *_beside(_judged(*markup.heard(), audience), written)]


def audience_of(spec: SpeechSpec, actor: Actor | None) -> Audience:
    client = actor.id if actor is not None and actor.kind == "client" else ""
    return Audience(spec.organisation, tuple(spec.channels), client)


def blocked(spec: SpeechSpec, position: int) -> TextBlocked:
    """The refusal that tells the place, and not the word."""
    if spec.is_ssml:
        message = placed(spec.text, position, _("由此起的内容不允许播报，请修改后重试。"))
    else:
        message = _("第 %(place)d 个字起的内容不允许播报，请修改后重试。") % {"place": position + 1}
    return TextBlocked(message, field=spec.text_field, position=position)


def refuse_blocked(spec: SpeechSpec, hits: Iterable[Hit]) -> None:
    """Raises TextBlocked at the first word that may not be said at all."""
    _refuse(spec, hits, {Level.BLOCK})


def _refuse(spec: SpeechSpec, hits: Iterable[Hit], levels: set[Level]) -> None:
    """Raises TextBlocked at the first hit of these levels."""
    for hit in hits:
        if hit.level in levels:
            raise blocked(spec, hit.start)


def _substitutes(spec: SpeechSpec, hits: Iterable[Hit]) -> list[Entry]:
    """Masked words with what is read in their place. Raises TextBlocked for one that cannot be replaced."""
    entries = []
    for hit in hits:
        if hit.level is Level.MASK:
            entry = Entry(hit.text, replacement=hit.suggestion)
            try:
                check(entry)
            except LexiconError as error:
                raise blocked(spec, hit.start) from error
            entries.append(entry)
    return entries


def _judged(text: str, places: _Places, audience: Audience) -> list[Hit]:
    """Judges what was made of the text; `places` tell the place in it of each character."""
    return [
        replace(hit, start=places[hit.start][0], end=places[hit.end - 1][1])
        for hit in judge(text, audience).hits
    ]


def _beside(hits: Iterable[Hit], others: Iterable[Hit]) -> list[Hit]:
    """Those whose word is not among the others."""
    known = {hit.rule for hit in others}
    return [hit for hit in hits if hit.rule not in known]
