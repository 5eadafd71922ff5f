"""Where the network lives in a process: loaded by its first user, shared by all, let go when nobody comes.

It takes several hundred MB and most of a core's time, so by default it speaks one phrase at a time and goes
after ten idle minutes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore, Lock, Timer

from synthesis.engines.base import Load
from synthesis.engines.graphs.folder import Manifest
from synthesis.engines.kokoro.network import Network


@dataclass(frozen=True, slots=True)
class Arrangement:
    """`slots` phrases at once; unloaded after `idle_seconds` without one, 0 keeps it for good."""

    slots: int = 1
    idle_seconds: float = 600.0


class Residence:
    """The network of one folder."""

    def __init__(self, folder: Path, manifest: Manifest, arrangement: Arrangement) -> None:
        self._folder = folder
        self._manifest = manifest
        self._idle_seconds = arrangement.idle_seconds
        self._slots = BoundedSemaphore(arrangement.slots)
        self._lock = Lock()
        self._network: Network | None = None
        self._seconds = 0.0
        self._users = 0
        self._used_at = 0.0
        self._timer: Timer | None = None

    @contextmanager
    def network(self) -> Iterator[Network]:
        """The network for one phrase, when a slot is free. Raises EngineNotInstalled."""
        with self._slots:
            with self._lock:
                network = self._loaded()
                self._users += 1
            try:
                yield network
            finally:
                with self._lock:
                    self._users -= 1
                    self._rest()

    def load(self) -> None:
        with self._lock:
            self._loaded()
            self._rest()

    def unload(self) -> None:
        """Let go, unless somebody is speaking."""
        with self._lock:
            if not self._users:
                self._network = None

    @property
    def held(self) -> Load:
        network = self._network
        return Load(("cpu",), network.bytes, self._seconds) if network else Load()

    def _loaded(self) -> Network:
        if self._network is None:
            begun = time.monotonic()
            self._network = Network(self._folder, self._manifest)
            self._seconds = round(time.monotonic() - begun, 3)
        return self._network

    def _rest(self) -> None:
        """Note the hour, and see that somebody looks again when the time is up."""
        self._used_at = time.monotonic()
        if self._idle_seconds and self._timer is None:
            self._wait(self._idle_seconds)

    def _wait(self, seconds: float) -> None:
        self._timer = Timer(seconds, self._look)
        self._timer.daemon = True
        self._timer.start()

    def _look(self) -> None:
        with self._lock:
            self._timer = None
            left = self._used_at + self._idle_seconds - time.monotonic()
            if self._users or left > 0:
                self._wait(max(left, 1.0))
            else:
                self._network = None


_arrangement = Arrangement()
_residences: dict[Path, Residence] = {}
_making = Lock()


def arrange(arrangement: Arrangement) -> None:
    """How networks live that nobody has asked for yet."""
    global _arrangement  # noqa: PLW0603 - one process, one house rule
    _arrangement = arrangement


def residence_of(folder: Path, manifest: Manifest) -> Residence:
    """The one for all speakers of `folder`."""
    with _making:
        if folder not in _residences:
            _residences[folder] = Residence(folder, manifest, _arrangement)
        return _residences[folder]
