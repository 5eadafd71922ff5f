"""From a spec to sound: voice, script, phrases, and the joined bytes. Reads the database, writes none."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise

import numpy as np
from django.conf import settings
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from synthesis import audio
from synthesis.cache import flight, layered
from synthesis.cache.key import phrase_key, rendition_key
from synthesis.cache.turns import Turns
from synthesis.casting import Cast, Performer, cast_for, delivery_of, volume_of
from synthesis.categories import find_category
from synthesis.engines.base import Delivery, Engine
from synthesis.engines.registry import get_engine
from synthesis.errors import SpeechUnavailable, TextRefused
from synthesis.lexicon import current
from synthesis.models import Category, Voice
from synthesis.spec import SpeechSpec
from synthesis.ssml_faults import placed, ssml_reason
from synthesis.text import (
    Entry,
    Lexicon,
    LexiconError,
    Markup,
    Phrase,
    Script,
    SsmlError,
    Unreadable,
    make_markup_script,
    make_script,
    read_markup,
)

_turns = Turns()
PEAK_BINS = 240
PHRASE_SYLLABLES = 40


@dataclass(frozen=True, slots=True)
class Reading:
    """A spec that was read: by whom, what is spoken (as written, without tags), and the script.

    `category` is whose rule on emotions holds, None where the text names none.
    """

    cast: Cast
    spoken: str
    script: Script
    category: Category | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A phrase, with everything settled that the request and its SSML ask of it.

    `volume` is 0-100 beside the other parts; that of the request comes on top at the join. `level_db` brings
    the voice to the loudness of all others.
    """

    phrase: Phrase
    voice: Voice
    engine_version: str
    delivery: Delivery
    volume: int
    level_db: float
    key: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A spec made ready: everything that decides how it sounds, and the names of its sounds."""

    spec: SpeechSpec
    spoken: str
    script: Script
    parts: tuple[Part, ...]
    sample_rate: int
    key: str
    asked: Voice  # whom the request itself asks for; SSML may give every word to others

    @property
    def voice(self) -> Voice:
        """The one that begins; SSML may give the word to others."""
        return self.parts[0].voice

    @property
    def engine_version(self) -> str:
        return self.parts[0].engine_version

    @property
    def voices(self) -> tuple[Voice, ...]:
        """All that are heard, in order."""
        return tuple({part.voice.code: part.voice for part in self.parts}.values())

    @property
    def phrase_keys(self) -> tuple[str, ...]:
        return tuple(part.key for part in self.parts)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a phrase stands in the text (code points) and in the sound (seconds)."""

    start: int
    end: int
    begin: float
    finish: float


@dataclass(frozen=True, slots=True)
class Sounding:
    """Finished bytes, with what a player wants to know of them."""

    audio: bytes
    seconds: float
    sample_rate: int
    peaks: tuple[int, ...]
    marks: tuple[Mark, ...]


# --- what is asked for -----------------------------------------------------------------------------------


def plan(spec: SpeechSpec, *, trials: Sequence[Entry] = ()) -> Plan:
    """Resolves voices and emotions and reads the text by the lexicon in force, `trials` before all of it.

    Raises SpeechError.
    """
    return plan_of(spec, read(spec, trials=trials))


def plan_of(spec: SpeechSpec, reading: Reading) -> Plan:
    """Raises SpeechError."""
    script = speakable(spec, reading.script)
    parts = tuple(_part(spec, phrase, reading) for phrase in script.phrases)
    sample_rate = spec.sample_rate or parts[0].voice.sample_rate
    key = rendition_key(
        (part.key for part in parts),
        (part.phrase for part in parts),
        ((part.volume, part.level_db) for part in parts),
        format=spec.format,
        sample_rate=sample_rate,
        volume=spec.volume,
    )
    return Plan(spec, reading.spoken, script, parts, sample_rate, key, reading.cast[None].voice)


def _part(spec: SpeechSpec, phrase: Phrase, reading: Reading) -> Part:
    performer = reading.cast[phrase.delivery.voice if phrase.delivery else None]
    delivery = delivery_of(spec, phrase, performer, reading.category)
    voice, version = performer.voice, performer.engine.version
    key = phrase_key(phrase, engine=voice.engine, version=version, delivery=delivery)
    volume = volume_of(spec, phrase)
    level = round(audio.level_db(performer.engine.loudness), 2)
    return Part(_settled(phrase, performer.engine, delivery), voice, version, delivery, volume, level, key)


def _settled(phrase: Phrase, engine: Engine, delivery: Delivery) -> Phrase:
    """What the author asked for is settled by now, and of no use to whoever speaks."""
    rest = 1.0 if phrase.rest_asked else engine.rest(delivery)
    return replace(phrase, delivery=None, pause=round(phrase.pause * rest, 3))


def read(spec: SpeechSpec, *, trials: Sequence[Entry] = ()) -> Reading:
    """How the text is read.

    Raises VoiceUnknown, CategoryUnknown, SpeechUnavailable, and TextRefused for a trial or SSML.
    """
    markup = markup_of(spec)
    cast = cast_for(spec, markup)
    lexicons = {name: _lexicon_of(spec, performer, trials) for name, performer in cast.items()}
    category = find_category(spec.category) if spec.category else None
    return replace(read_by(spec, markup, cast, lexicons), category=category)


def read_by(
    spec: SpeechSpec, markup: Markup | None, cast: Cast, lexicons: Mapping[str | None, Lexicon]
) -> Reading:
    """The same with what the database says of it."""
    limit = min(_syllables_of(performer.engine) for performer in cast.values())
    if markup is None:
        script = make_script(
            spec.text, max_syllables=limit, lexicon=lexicons.get(None), name_emoji=settings.NAME_EMOJI
        )
        return Reading(cast, spec.text, script)
    script = make_markup_script(
        markup, max_syllables=limit, lexicons=lexicons, name_emoji=settings.NAME_EMOJI
    )
    return Reading(cast, markup.spoken, script)


def markup_of(spec: SpeechSpec) -> Markup | None:
    """The SSML of the spec, None when it is plain text. Raises TextRefused that says where it is wrong."""
    if not spec.is_ssml:
        return None
    try:
        return read_markup(spec.text)
    except SsmlError as error:
        raise TextRefused(
            placed(spec.text, error.position, ssml_reason(error)),
            code=error.code,
            field=spec.text_field,
            position=error.position,
        ) from error


def _lexicon_of(spec: SpeechSpec, performer: Performer, trials: Sequence[Entry]) -> Lexicon:
    """Staff's readings for this voice, organisation and channels. Raises TextRefused for a wrong trial."""
    try:
        return current.lexicon(
            voice=performer.voice.code,
            organisation=spec.organisation,
            channels=spec.channels,
            trials=trials,
        )
    except LexiconError as error:
        raise TextRefused(_("试听的词条有误，请检查读音。"), code="entry_invalid", field="reading") from error


def _syllables_of(engine: Engine) -> int:
    """How long a phrase may be for this engine."""
    return min(PHRASE_SYLLABLES, engine.max_syllables)


def speakable(spec: SpeechSpec, script: Script) -> Script:
    """The script. Raises TextRefused when nothing, or with `strict` something, of it cannot be spoken."""
    if not spec.text.strip():
        raise TextRefused(_("文本为空。"), code="text_empty", field=spec.text_field)
    if not script.phrases:
        raise TextRefused(_("文本中没有可朗读的内容。"), code="nothing_to_speak", field=spec.text_field)
    if spec.strict and script.unreadable:
        first = script.unreadable[0]
        raise TextRefused(
            _unreadable(spec, first), code="text_unreadable", field=spec.text_field, position=first.start
        )
    return script


def _unreadable(spec: SpeechSpec, piece: Unreadable) -> str:
    if spec.is_ssml:
        message = _("“%(sign)s”无法朗读，请改写或在读音词典中添加读音。") % {"sign": piece.text}
        return placed(spec.text, piece.start, message)
    return _("第 %(place)d 个字“%(sign)s”无法朗读，请改写或在读音词典中添加读音。") % {
        "place": piece.start + 1,
        "sign": piece.text,
    }


# --- phrases ---------------------------------------------------------------------------------------------


def make_phrase(*, key: str, engine: str, model: str = "", phrase: Phrase, delivery: Delivery) -> bytes:
    """The phrase's sound as WAV, from the cache or spoken now. Raises EngineError."""
    # A phrase that takes longer than its claim holds is asked for again, and is not to be made twice.
    with _turns.of(key):
        hit = layered.get(key)
        value = hit.value if hit else _speak(engine, model, phrase, delivery)
        # Also when it was there: whoever asked may wait for the answer of a flight that he began just after
        # the one before had landed, or Valkey may have lost what this process still remembers.
        flight.land(key, value)
    return value


def _speak(engine: str, model: str, phrase: Phrase, delivery: Delivery) -> bytes:
    sound = get_engine(engine, folder=settings.VOICES_DIR, model=model).speak(phrase, delivery)
    return audio.FORMATS["wav"].encode(sound.samples, sound.sample_rate)


def order_phrases(plan: Plan, start: Callable[[int], None]) -> tuple[list[bytes], str]:
    """All sounds of the plan, in order, and how the cache served them (as X-Cache says it).

    `start(index)` has the phrase made elsewhere. Raises SpeechUnavailable when the deadline passes or a
    phrase cannot be made.
    """
    places = {key: index for index, key in reversed(list(enumerate(plan.phrase_keys)))}
    found = layered.get_many(plan.phrase_keys)
    missing = [key for key in places if key not in found]
    mine = [key for key in missing if flight.claim(key)]
    for key in sorted(mine, key=places.__getitem__):
        start(places[key])
    sounds = {key: hit.value for key, hit in found.items()}
    deadline = time.monotonic() + settings.SPEECH_DEADLINE
    for landed in flight.wait(missing, deadline=deadline, start=lambda key: start(places[key])):
        if landed.value is None:
            raise SpeechUnavailable
        sounds[landed.key] = landed.value
    if len(sounds) < len(places):
        raise SpeechUnavailable
    return [sounds[key] for key in plan.phrase_keys], _cache_word(found, missing, mine)


def _cache_word(found: dict[str, layered.Hit], missing: list[str], mine: list[str]) -> str:
    if missing:
        return "partial" if found else "miss" if mine else "joined"
    return max(hit.level for hit in found.values())


# --- the whole -------------------------------------------------------------------------------------------


def assemble(plan: Plan, sounds: Sequence[bytes]) -> Sounding:
    """Joins the phrases with their pauses, sets volume and rate, and encodes."""
    decoded = [audio.decode(sound) for sound in sounds]
    rates = {rate for _samples, rate in decoded}
    rate = rates.pop() if len(rates) == 1 else plan.sample_rate
    samples = [
        _beside(part, sound, sound_rate, rate)
        for part, (sound, sound_rate) in zip(plan.parts, decoded, strict=True)
    ]
    phrases = [part.phrase for part in plan.parts]
    pauses = [phrase.pause for phrase in phrases[:-1]] + [0.0]
    pieces = list(zip(samples, pauses, strict=True))
    encoded = audio.render(
        pieces, sample_rate=rate, out_rate=plan.sample_rate, format=plan.spec.format, volume=plan.spec.volume
    )
    whole = audio.join(pieces, sample_rate=rate)
    return Sounding(
        audio=encoded,
        seconds=round(len(whole) / rate, 3),
        sample_rate=plan.sample_rate,
        peaks=tuple(audio.peaks(whole, PEAK_BINS)),
        marks=tuple(_marks(phrases, [len(part) / rate for part in samples])),
    )


def _beside(part: Part, samples: NDArray[np.float32], rate: int, common: int) -> NDArray[np.float32]:
    """The part's sound at the rate that all have in common, as loud as it is beside the others."""
    fitted = samples if rate == common else audio.resample(samples, sample_rate=rate, out_rate=common)
    return fitted * np.float32(audio.volume_gain(part.volume) * audio.db_gain(part.level_db))


def _marks(phrases: Sequence[Phrase], lengths: Sequence[float]) -> Iterator[Mark]:
    begins = [0.0]
    for phrase, length in zip(phrases, lengths, strict=True):
        begins.append(begins[-1] + length + phrase.pause)
    for phrase, length, (begin, _next) in zip(phrases, lengths, pairwise(begins), strict=True):
        yield Mark(phrase.start, phrase.end, round(begin, 3), round(begin + length, 3))


def find_sounding(key: str) -> tuple[Sounding, str] | None:
    """A finished rendition from the cache, and the level that held it."""
    hit = layered.get(key)
    return (unpack(hit.value), hit.level) if hit else None


def keep_sounding(key: str, sounding: Sounding) -> None:
    layered.put(key, pack(sounding))


def pack(sounding: Sounding) -> bytes:
    """One value for the cache: a line of JSON, then the audio."""
    head = {**asdict(sounding), "audio": None}
    return json.dumps(head, separators=(",", ":")).encode() + b"\n" + sounding.audio


def unpack(value: bytes) -> Sounding:
    head, _newline, sound = value.partition(b"\n")
    fields = json.loads(head)
    marks = tuple(Mark(**mark) for mark in fields["marks"])
    return Sounding(sound, fields["seconds"], fields["sample_rate"], tuple(fields["peaks"]), marks)
