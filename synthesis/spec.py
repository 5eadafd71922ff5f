"""What a caller asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpeechSpec:
    """One request for sound, as every door states it.

    `is_ssml` says what the text is written in. `voice` None means the default voice. `intensity` 0.01-2.0,
    `rate` 0.5-2.0 (2 is twice as fast), `pitch` in semitones -12..12, `volume` 0-100 (50 leaves the level
    alone), `sample_rate` in Hz or None for the voice's own. `strict` refuses a text with anything unreadable
    in it; otherwise that is reported beside the sound. `organisation` and `channels` are codes: whose
    readings from the lexicon hold for this text. `voices` and `emotions` are the codes of those that the
    caller may ask for, also in SSML; empty ones allow all there are. `retired` lets a voice out of service be
    named: for judging what it has spoken, not for having it speak. `category` is the code of the kind of
    announcement, whose rule on emotions holds; empty where the text is none.
    """

    text: str
    is_ssml: bool = False
    voice: str | None = None
    emotion: str = "neutral"
    intensity: float = 1.0
    rate: float = 1.0
    pitch: float = 0.0
    volume: int = 50
    format: str = "wav"
    sample_rate: int | None = None
    strict: bool = False
    organisation: str = ""
    channels: Sequence[str] = ()
    voices: Sequence[str] = ()
    emotions: Sequence[str] = ()
    category: str = ""
    retired: bool = False

    @property
    def text_field(self) -> str:
        """The field that callers sent the text in."""
        return "ssml" if self.is_ssml else "text"
