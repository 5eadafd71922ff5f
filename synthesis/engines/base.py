"""What every engine is: something that turns the phones of one phrase into samples.

An engine is loaded once and then shared by all threads of a process: `speak` keeps no state between calls,
and the same phrase and delivery give the same samples, bit for bit, so that sounds can be cached by key. An
engine that joins callers does so for each alone; together they hear the same within float noise.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # the front end loads dictionaries when imported; an engine needs only the name of the type
    from synthesis.text.script import Phrase

EMOTIONS: Final = (
    "neutral",
    "happy",
    "angry",
    "sad",
    "fear",
    "disgust",
    "surprise",
    "gentle",
    "serious",
)
BREAKS: Final = frozenset({"#1", "#2", "#3"})
SYLLABLE: Final = re.compile(r"(?P<letters>[a-zê]+)(?P<tone>[1-5])")


@dataclass(frozen=True, slots=True)
class Sound:
    """Mono samples, float32, shape [n], within [-1, 1], at `sample_rate` Hz."""

    samples: NDArray[np.float32]
    sample_rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.sample_rate


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a phrase is to be said.

    `intensity` 0.01-2 scales the emotion (1 as designed), `rate` 0.5-2 is a speed (2: twice as fast),
    `pitch` -12..12 moves the voice in semitones. ValueError when one is outside; an engine may do less than
    12 semitones (`Engine.pitch_range`) and then refuses.
    """

    emotion: str = "neutral"
    intensity: float = 1.0
    rate: float = 1.0
    pitch: float = 0.0

    def __post_init__(self) -> None:
        _require("intensity", self.intensity, 0.01, 2.0)
        _require("rate", self.rate, 0.5, 2.0)
        _require("pitch", self.pitch, -12.0, 12.0)


def _require(what: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:  # written so that NaN is refused as well
        raise ValueError(f"{what} is {value}, must be {low:g} to {high:g}")


class EngineError(Exception):
    """Anything that keeps an engine from speaking. `permanent`: trying again will not help."""

    permanent = True


class EngineNotInstalled(EngineError):
    """The engine's name is unknown, or its files are missing or not the ones expected."""


class UnknownPhone(EngineError):
    """A phone is no pinyin syllable with a tone digit and no break mark."""

    def __init__(self, phone: str, position: int) -> None:
        super().__init__(f"phone {position} {phone!r} is not a syllable this engine can say")
        self.phone = phone
        self.position = position


class EmptyPhrase(EngineError):
    """A phrase without a syllable: there is nothing to say, and silence is the caller's to make."""


class PhraseTooLong(EngineError):
    """More syllables than the engine can say at once at its slowest delivery."""


class UnsupportedEmotion(EngineError):
    """The engine has no such emotion."""


class UnsupportedPitch(EngineError):
    """The pitch lies outside the engine's `pitch_range`."""


class EngineFailed(EngineError):
    """The engine broke down (memory, runtime); another try, or another worker, may do."""

    permanent = False


@dataclass(frozen=True, slots=True)
class Load:
    """What an engine takes of this process. `devices` is where it is loaded, empty when it is not.

    `bytes` of weights and `seconds` it took to load are 0 where the engine does not know.
    """

    devices: tuple[str, ...] = ()
    bytes: int = 0
    seconds: float = 0.0


class Engine(ABC):
    """One way to speak. Subclasses implement `_render`, and `load` when they have something to load.

    Making one is cheap, since doors that only ask for its version and its limits make one too.

    `version` enters the cache key: it must change whenever the same input could sound different.
    `pitch_range` is what `Delivery.pitch` may be, in semitones. `loudness` is that of its neutral speech,
    LUFS by ITU-R BS.1770-4, None where nobody has measured it: by it all voices are brought to one level.
    """

    name: str
    version: str
    sample_rate: int
    emotions: tuple[str, ...]
    max_syllables: int
    pitch_range: tuple[float, float]
    joins_callers = False  # those who speak at once are served in one computation
    is_lazy = False  # large and seldom needed: loaded for its first phrase, and let go again when idle
    loudness: float | None = None

    def load(self) -> None:
        """Load what speaking needs; `speak` does so itself at its first call. Raises EngineNotInstalled."""
        return

    def unload(self) -> None:
        """Let go of what was loaded; the next phrase loads it again."""
        return

    @property
    def held(self) -> Load:
        """What of it is loaded; one that has nothing to load is always there."""
        return Load(devices=("cpu",))

    def rest(self, delivery: Delivery) -> float:
        """A factor on the pauses that punctuation makes between phrases: part of how an emotion sounds."""
        return 1.0

    def speak(self, phrase: Phrase, delivery: Delivery) -> Sound:
        """The phrase as sound, without its pause. Raises a member of the `EngineError` tree."""
        self._check_phrase(phrase)
        self._check_delivery(delivery)
        return self._render(phrase.phones, delivery)

    @abstractmethod
    def _render(self, phones: tuple[str, ...], delivery: Delivery) -> Sound:
        """Speak phones that were checked: 1 to `max_syllables` syllables, a delivery within range."""

    def _check_phrase(self, phrase: Phrase) -> None:
        syllables = count_syllables(phrase.phones)
        if not syllables:
            raise EmptyPhrase(f"nothing to say in {phrase.text!r}")
        if syllables > self.max_syllables:
            limit = self.max_syllables
            raise PhraseTooLong(f"{syllables} syllables, {self.name} says at most {limit} at once")

    def _check_delivery(self, delivery: Delivery) -> None:
        if delivery.emotion not in self.emotions:
            offered = ", ".join(self.emotions)
            raise UnsupportedEmotion(f"{self.name} has no emotion {delivery.emotion!r}, it has: {offered}")
        low, high = self.pitch_range
        if not low <= delivery.pitch <= high:
            reach = f"{self.name} reaches {low:g} to {high:g} semitones"
            raise UnsupportedPitch(f"pitch is {delivery.pitch:g}, {reach}")


def count_syllables(phones: tuple[str, ...]) -> int:
    """How many of the phones are spoken: all but break marks."""
    return sum(phone not in BREAKS for phone in phones)
