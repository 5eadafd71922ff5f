"""Where voices are spoken: on a graphics card as long as it works, on the processor otherwise.

One process has one card, the first it sees; more cards take more processes, each shown its own by
CUDA_VISIBLE_DEVICES. Nothing here imports torch before a voice is to be spoken.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Lock
from typing import Final, TypeVar

from synthesis.engines.base import EngineError, EngineFailed

log = logging.getLogger(__name__)

CPU: Final = "cpu"
AUTO: Final = "auto"
_REST: Final = 60.0  # seconds a card is left alone after its first failure; doubled at each further one
_LONGEST_REST: Final = 3600.0
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What this process may use: `card` is "auto", "none" or a device such as "cuda:0".

    `slots`: utterances at once on the card. `threads`: those of one utterance on the processor.
    """

    card: str = AUTO
    slots: int = 4
    threads: int = 1


@dataclass(slots=True)
class Counts:
    """Since the process began."""

    on_card: int = 0
    on_cpu: int = 0
    card_failures: int = 0
    last_failure: str = ""


@dataclass(slots=True)
class _Card:
    device: str
    slots: BoundedSemaphore
    failures: int = 0
    rests_until: float = 0.0


@dataclass(slots=True)
class Placement:
    """Thread-safe. `work` below is given the device it is to be done on."""

    arrangement: Arrangement = field(default_factory=Arrangement)
    counts: Counts = field(default_factory=Counts)
    _card: _Card | None = None
    _looked: bool = False
    _lock: Lock = field(default_factory=Lock)

    def run(self, work: Callable[[str], _Made]) -> _Made:
        """An utterance spoken on the card, or on the processor when there is none or it fails.

        Raises EngineError: what the work itself says is wrong, or EngineFailed when the processor fails too.
        """
        card = self.card()
        if card:
            try:
                with card.slots:
                    made = work(card.device)
                self._worked(card)
                return made
            except EngineError:
                raise
            except Exception as error:  # out of memory, lost, never there: torch has no one name for it
                self._failed(card, error)
        self.counts.on_cpu += 1
        try:
            return work(CPU)
        except EngineError:
            raise
        except Exception as error:  # torch's and ONNX Runtime's share no base below Exception
            raise EngineFailed(f"the voice broke down: {error}") from error

    def card(self) -> _Card | None:
        """The card to be used now."""
        with self._lock:
            if not self._looked:
                self._looked = True
                device = self._find()
                self._card = _Card(device, BoundedSemaphore(self.arrangement.slots)) if device else None
        card = self._card
        return card if card and time.monotonic() >= card.rests_until else None

    def _find(self) -> str:
        """The card, empty where there is none; so too without torch, of which the voice will say more."""
        try:
            import torch
        except ImportError:
            return ""
        torch.set_num_threads(self.arrangement.threads)
        if self.arrangement.card == AUTO:
            return "cuda:0" if torch.cuda.is_available() else ""
        return "" if self.arrangement.card == "none" else self.arrangement.card

    def _worked(self, card: _Card) -> None:
        self.counts.on_card += 1
        card.failures = 0

    def _failed(self, card: _Card, error: Exception) -> None:
        with self._lock:
            self.counts.card_failures += 1
            self.counts.last_failure = (str(error).splitlines() or [type(error).__name__])[0][:200]
            card.rests_until = time.monotonic() + min(_REST * 2**card.failures, _LONGEST_REST)
            card.failures += 1
        log.error("card %s failed, its work goes to the processor: %s", card.device, self.counts.last_failure)


placement = Placement()


def arrange(arrangement: Arrangement) -> None:
    """Says once, before the first voice is spoken, what this process may use."""
    global placement  # noqa: PLW0603 - one process, one card
    placement = Placement(arrangement)
