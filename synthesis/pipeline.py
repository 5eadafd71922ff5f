"""From a spec to sound: voice, script, phrases, and the joined bytes. Reads the database, writes none."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

from django.conf import settings
from django.utils.translation import gettext as _

from synthesis import audio
from synthesis.cache import flight, layered
from synthesis.cache.key import phrase_key, rendition_key
from synthesis.engines.base import Delivery, Engine, EngineError
from synthesis.engines.registry import get_engine
from synthesis.errors import EmotionUnsupported, SpeechError, SpeechUnavailable, TextRefused, VoiceUnknown
from synthesis.lexicon import current
from synthesis.models import Voice
from synthesis.spec import SpeechSpec
from synthesis.ssml_faults import ssml_reason
from synthesis.text import (
    Entry,
    Lexicon,
    LexiconError,
    Phrase,
    Script,
    SpokenSsml,
    SsmlError,
    make_script,
    make_script_from_ssml,
)

PEAK_BINS = 240
PHRASE_SYLLABLES = 40


@dataclass(frozen=True, slots=True)
class Plan:
    """A spec made ready: everything that decides how it sounds, and the names of its sounds."""

    spec: SpeechSpec
    voice: Voice
    engine_version: str
    script: Script
    delivery: Delivery
    sample_rate: int
    phrase_keys: tuple[str, ...]
    key: str


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


def plan(spec: SpeechSpec, *, trial: Entry | None = None) -> Plan:
    """Resolves voice and emotion and reads the text by the lexicon in force, with `trial` before all of it.

    Raises SpeechError.
    """
    voice = find_voice(spec.voice)
    engine = engine_of(voice)
    delivery = _delivery(spec, voice, engine)
    script = speakable(spec, read(spec, voice, engine, trial=trial))
    sample_rate = spec.sample_rate or voice.sample_rate
    keys = tuple(
        phrase_key(phrase, engine=voice.engine, version=engine.version, delivery=delivery)
        for phrase in script.phrases
    )
    key = rendition_key(keys, script.phrases, format=spec.format, sample_rate=sample_rate, volume=spec.volume)
    return Plan(spec, voice, engine.version, script, delivery, sample_rate, keys, key)


def find_voice(code: str | None) -> Voice:
    """The active voice of that code, or the default one. Raises VoiceUnknown."""
    voices = Voice.objects.select_related("speaker").filter(is_active=True, speaker__is_active=True)
    voice = voices.filter(code=code).first() if code else voices.filter(is_default=True).first()
    if voice is None:
        raise VoiceUnknown
    return voice


def engine_of(voice: Voice) -> Engine:
    """What speaks this voice. Raises SpeechUnavailable when it is not installed here."""
    try:
        return get_engine(voice.engine, folder=settings.VOICES_DIR)
    except EngineError as error:
        raise SpeechUnavailable from error


def read(spec: SpeechSpec, voice: Voice, engine: Engine, *, trial: Entry | None = None) -> Script:
    """How the voice would read the text. Raises TextRefused for a trial that is no entry."""
    lexicon = lexicon_of(spec, voice, trial=trial)
    return make_script(spec.text, max_syllables=syllables_of(engine), lexicon=lexicon, emoji=settings.EMOJI)


def read_ssml(spec: SpeechSpec, voice: Voice, engine: Engine) -> SpokenSsml:
    """How the voice would read the spec's text as SSML. Raises TextRefused that says where it is wrong."""
    try:
        return make_script_from_ssml(
            spec.text,
            max_syllables=syllables_of(engine),
            lexicon=lexicon_of(spec, voice),
            emoji=settings.EMOJI,
        )
    except SsmlError as error:
        raise TextRefused(
            _("SSML 第 %(line)d 行第 %(column)d 列有误：%(reason)s")
            % {"line": error.line, "column": error.column, "reason": ssml_reason(error)},
            code=error.code,
            field="ssml",
            position=error.position,
        ) from error


def lexicon_of(spec: SpeechSpec, voice: Voice, *, trial: Entry | None = None) -> Lexicon:
    """Staff's readings for this voice, organisation and channels. Raises TextRefused for a wrong trial."""
    try:
        return current.lexicon(
            voice=voice.code, organisation=spec.organisation, channels=spec.channels, trial=trial
        )
    except LexiconError as error:
        raise TextRefused(_("试听的词条有误，请检查读音。"), code="entry_invalid", field="reading") from error


def syllables_of(engine: Engine) -> int:
    """How long a phrase may be for this engine."""
    return min(PHRASE_SYLLABLES, engine.max_syllables)


def speakable(spec: SpeechSpec, script: Script) -> Script:
    """The script. Raises TextRefused when nothing, or with `strict` something, of it cannot be spoken."""
    if not spec.text.strip():
        raise TextRefused(_("文本为空。"), code="text_empty", field="text")
    if not script.phrases:
        raise TextRefused(_("文本中没有可朗读的内容。"), code="nothing_to_speak", field="text")
    if spec.strict and script.unreadable:
        first = script.unreadable[0]
        raise TextRefused(
            _("第 %(place)d 个字“%(sign)s”无法朗读，请改写或在读音词典中添加读音。")
            % {"place": first.start + 1, "sign": first.text},
            code="text_unreadable",
            field="text",
            position=first.start,
        )
    return script


def _delivery(spec: SpeechSpec, voice: Voice, engine: Engine) -> Delivery:
    offered = list(voice.voiceemotion_set.filter(is_active=True).values_list("emotion__code", flat=True))
    if spec.emotion not in offered or spec.emotion not in engine.emotions:
        raise EmotionUnsupported(
            _("发音人 %(voice)s 不支持情感 %(emotion)s，可用：%(offered)s。")
            % {"voice": voice.code, "emotion": spec.emotion, "offered": "、".join(offered)},
            field="emotion",
        )
    low, high = engine.pitch_range
    if not low <= spec.pitch <= high:
        raise SpeechError(
            _("发音人 %(voice)s 的语调范围是 %(low)g 到 %(high)g 个半音。")
            % {"voice": voice.code, "low": low, "high": high},
            code="pitch_range",
            field="pitch",
        )
    return Delivery(emotion=spec.emotion, intensity=spec.intensity, rate=spec.rate, pitch=spec.pitch)


# --- phrases ---------------------------------------------------------------------------------------------


def make_phrase(*, key: str, engine: str, phrase: Phrase, delivery: Delivery) -> bytes:
    """The phrase's sound as WAV, from the cache or spoken now. Raises EngineError."""
    hit = layered.get(key)
    value = hit.value if hit else _speak(engine, phrase, delivery)
    # Also when it was there: whoever asked may wait for the answer of a flight that he began just after the
    # one before had landed, or Valkey may have lost what this process still remembers.
    flight.land(key, value)
    return value


def _speak(engine: str, phrase: Phrase, delivery: Delivery) -> bytes:
    sound = get_engine(engine, folder=settings.VOICES_DIR).speak(phrase, delivery)
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
    rate = decoded[0][1]
    samples = [part for part, _rate in decoded]
    pauses = [phrase.pause for phrase in plan.script.phrases[:-1]] + [0.0]
    parts = list(zip(samples, pauses, strict=True))
    encoded = audio.render(
        parts, sample_rate=rate, out_rate=plan.sample_rate, format=plan.spec.format, volume=plan.spec.volume
    )
    whole = audio.join(parts, sample_rate=rate)
    return Sounding(
        audio=encoded,
        seconds=round(len(whole) / rate, 3),
        sample_rate=plan.sample_rate,
        peaks=tuple(audio.peaks(whole, PEAK_BINS)),
        marks=tuple(_marks(plan.script.phrases, [len(part) / rate for part in samples])),
    )


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
