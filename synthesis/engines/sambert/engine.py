"""Speaks phrases with a released Sambert voice."""

from __future__ import annotations

import time
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from synthesis.engines.base import (
    BREAKS,
    SYLLABLE,
    Delivery,
    Engine,
    EngineNotInstalled,
    Load,
    Sound,
    UnknownPhone,
)
from synthesis.engines.ends import limit, trim
from synthesis.engines.sambert import placement
from synthesis.engines.sambert.emotions import SYMBOLS
from synthesis.engines.sambert.labels import label_phrase, speaker_of
from synthesis.engines.sambert.snapshot import read_snapshot, require_unharmed

if TYPE_CHECKING:
    from synthesis.engines.ends import Floats
    from synthesis.engines.sambert.networks import Networks

CODE: Final = 1  # raise it whenever this package would make another sound from the same files


class Sambert(Engine):
    """One voice of an installed model.

    `rate` scales the lengths that the voice predicts, `pitch` moves its pitch. `intensity` goes the way from
    its neutral row to that of the emotion, and past it: that is ours, the network was taught none.

    The same phrase and delivery give the same samples, bit for bit when spoken alone. Phrases spoken at once
    share their walk through the acoustic model, which moves samples by float noise.
    """

    name = "sambert"
    emotions = tuple(SYMBOLS)
    max_syllables = 60
    pitch_range = (-4.0, 4.0)
    joins_callers = True

    def __init__(self, home: Path) -> None:
        """`home` is the folder of an installed model and the voice's name. Raises EngineNotInstalled."""
        self._snapshot = read_snapshot(home.parent)
        self._voice = home.name
        self._home = home.parent
        record = self._snapshot.voices.get(self._voice)
        if record is None:
            there = ", ".join(self._snapshot.voices)
            raise EngineNotInstalled(f"{self._home} has no voice {self._voice!r}, there are: {there}")
        self._settings = record.settings
        self.sample_rate = record.sample_rate
        self.loudness = record.measured.get("lufs")
        self.version = f"{self.name}-{CODE}-{self._snapshot.version(self._voice)}"
        self._networks: dict[str, Networks] = {}
        self._seconds = 0.0
        self._lock = Lock()

    def load(self) -> None:
        placement.placement.run(self._on)

    def unload(self) -> None:
        with self._lock:
            self._networks.clear()

    @property
    def held(self) -> Load:
        networks = dict(self._networks)
        return Load(tuple(networks), sum(each.bytes for each in networks.values()), self._seconds)

    def _render(self, phones: tuple[str, ...], delivery: Delivery) -> Sound:
        samples = placement.placement.run(lambda device: self._say(self._on(device), phones, delivery))
        return Sound(trim(limit(samples), self.sample_rate), self.sample_rate)

    def _say(self, networks: Networks, phones: tuple[str, ...], delivery: Delivery) -> Floats:
        from synthesis.engines.sambert.source import seed_of

        for position, phone in enumerate(phones):
            # Labels also take what other front ends write, such as tone 6; ours does not.
            if phone not in BREAKS and not SYLLABLE.fullmatch(phone):
                raise UnknownPhone(phone, position)
        labels = label_phrase(
            phones,
            emotion=SYMBOLS[delivery.emotion],
            speaker=self._settings.speaker or speaker_of(networks.linguistic),
            feeling_breaks=self._settings.feeling_breaks,
        )
        return networks.say(
            labels,
            rate=delivery.rate,
            pitch=delivery.pitch,
            intensity=delivery.intensity,
            # By what is said: the same request draws the same breath, on every machine.
            seed=seed_of(self.version, " ".join(phones), repr(delivery)),
        )

    def _on(self, device: str) -> Networks:
        with self._lock:  # two threads at once would load it twice
            if device not in self._networks:
                begun = time.monotonic()
                self._networks[device] = self._open(device)
                self._seconds = round(time.monotonic() - begun, 3)
            return self._networks[device]

    def _open(self, device: str) -> Networks:
        try:
            from synthesis.engines.sambert.networks import open_networks
        except ImportError as error:
            how = "set the platform up with VOICE=sambert"
            raise EngineNotInstalled(f"Sambert needs {error.name}, which is not installed: {how}") from error
        voice = require_unharmed(self._home, self._snapshot, self._voice)
        return open_networks(voice, self._settings, device=device)
