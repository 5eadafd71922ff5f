"""A card is used while it works, by so many at once, and the processor when it fails."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Lock

import numpy as np
import pytest

from synthesis.engines import EngineFailed, UnknownPhone, get_engine
from synthesis.engines.base import Delivery
from synthesis.engines.sambert import placement
from synthesis.engines.sambert.installing import install_folder
from synthesis.engines.sambert.placement import CPU, Arrangement, Placement
from tests.synthesis.engines.cast import WATER

# Torch's device of shapes without numbers: models move to it, and every sum on it fails, as on a lost card.
LOST = "meta"


def placed(card: str, slots: int = 4) -> Placement:
    return Placement(Arrangement(card=card, slots=slots))


def test_without_a_card_the_processor_does_it() -> None:
    place = placed("none")
    assert place.run(lambda device: device) == CPU
    assert (place.counts.on_cpu, place.counts.on_card) == (1, 0)


def test_a_card_that_works_does_it() -> None:
    place = placed("cuda:7")
    assert place.run(lambda device: device) == "cuda:7"
    assert (place.counts.on_cpu, place.counts.on_card) == (0, 1)


def test_a_card_that_fails_rests_and_the_processor_does_its_work() -> None:
    place = placed("cuda:0")

    def lost(device: str) -> str:
        if device != CPU:
            raise RuntimeError("CUDA error: the launch timed out\nand more")
        return device

    assert [place.run(lost), place.run(lost)] == [CPU, CPU]
    assert (place.counts.on_cpu, place.counts.card_failures) == (2, 1)  # the second did not even try
    assert place.counts.last_failure == "CUDA error: the launch timed out"


def test_what_is_wrong_with_the_request_is_no_failure_of_the_card() -> None:
    place = placed("cuda:0")

    def unsayable(device: str) -> str:
        raise UnknownPhone("xx9", 3)

    with pytest.raises(UnknownPhone):
        place.run(unsayable)
    assert place.counts.card_failures == 0


def test_a_processor_that_fails_too_is_worth_another_try_elsewhere() -> None:
    def broken(device: str) -> str:
        raise MemoryError("no memory") if device == CPU else RuntimeError("no card")

    with pytest.raises(EngineFailed, match="no memory") as failure:
        placed("cuda:0").run(broken)
    assert not failure.value.permanent


def test_no_more_than_the_slots_are_on_the_card_at_once() -> None:
    place, lock, here = placed("cuda:0", slots=2), Lock(), [0, 0]
    meeting = Barrier(2, timeout=20)

    def work(device: str) -> None:
        with lock:
            here[0] += 1
            here[1] = max(here)
        meeting.wait()  # two at a time can pass, and only if there are two
        with lock:
            here[0] -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: place.run(work), range(8)))
    assert here[1] == 2
    assert place.counts.on_card == 8


def test_a_lost_card_costs_no_syllable(
    made_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "sambert"
    snapshot = install_folder(made_once, root, source="x")
    engine = get_engine("sambert", folder=tmp_path, model=f"{snapshot.name}/tiny_emo")
    alone = engine.speak(WATER, Delivery()).samples
    monkeypatch.setattr(placement, "placement", placed(LOST))
    np.testing.assert_array_equal(engine.speak(WATER, Delivery()).samples, alone)
    assert placement.placement.counts.card_failures == 1
    assert placement.placement.counts.on_cpu == 1


def test_a_card_that_cannot_even_be_loaded_to_leaves_the_voice_loaded(
    made_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = install_folder(made_once, tmp_path / "sambert", source="x")
    engine = get_engine("sambert", folder=tmp_path, model=f"{snapshot.name}/tiny_emo")
    monkeypatch.setattr(placement, "placement", placed("cuda:0"))  # there is none here
    engine.load()
    assert engine.held.devices == (CPU,)
