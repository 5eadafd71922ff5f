"""What voices share in memory, what threads share in time, and what a version is made of."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from synthesis.engines import EngineNotInstalled, get_engine
from synthesis.engines.sambert import placement
from synthesis.engines.sambert.batching import Batcher
from synthesis.engines.sambert.folder import open_folder
from synthesis.engines.sambert.installing import install_folder, prepare
from synthesis.engines.sambert.networks import open_networks
from synthesis.engines.sambert.snapshot import MANIFEST, Settings, Snapshot, change_settings, read_snapshot


def test_voices_hold_the_same_weights_once(model: Path) -> None:
    shutil.copytree(model / "voices" / "tiny_emo", model / "voices" / "tiny_nsf", dirs_exist_ok=True)
    folder = open_folder(model)
    one, other = (open_networks(folder.voice(name), Settings()) for name in folder.voices)
    assert one is not other
    assert one.acoustic is other.acoustic
    assert one.vocoder is other.vocoder
    assert one.bytes > 80_000


def test_a_version_changes_with_what_decides_the_sound(model: Path, tmp_path: Path) -> None:
    snapshot = install_folder(model, tmp_path / "sambert", source="x")
    home = tmp_path / "sambert" / snapshot.name
    name = f"{snapshot.name}/tiny_emo"
    before = get_engine("sambert", folder=tmp_path, model=name).version
    settings = replace(snapshot.voices["tiny_emo"].settings, feeling_breaks=False)
    after = change_settings(home, "tiny_emo", settings, {"rtf": 0.1})
    assert after.version("tiny_emo") not in before
    assert after.version("tiny_nsf") == snapshot.version("tiny_nsf")
    assert read_snapshot(home) == after
    (model / "voices/tiny_emo/am/config.yaml").write_text(
        (model / "voices/tiny_emo/am/config.yaml").read_text() + "\n# changed\n"
    )
    assert prepare(model, source="x").name != snapshot.name


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a//b", "a/./b", "", "a\\b"])
def test_a_manifest_never_leads_out_of_the_folder(model: Path, tmp_path: Path, name: str) -> None:
    snapshot = install_folder(model, tmp_path / "sambert", source="x")
    told = snapshot.to_json().replace("configuration.json", name.replace("\\", "\\\\"))
    (tmp_path / "sambert" / snapshot.name / MANIFEST).write_text(told)
    with pytest.raises(EngineNotInstalled, match="leads out of the folder"):
        read_snapshot(tmp_path / "sambert" / snapshot.name)


def test_a_manifest_of_a_later_format_is_refused() -> None:
    with pytest.raises(EngineNotInstalled, match="has format 2"):
        Snapshot.from_json("manifest.json", {"format": 2})


def test_those_who_wait_are_served_together() -> None:
    rounds: list[list[int]] = []
    begun, go_on = threading.Event(), threading.Event()

    def work(given: Sequence[int]) -> list[int]:
        rounds.append(list(given))
        begun.set()
        assert go_on.wait(20)
        return [number * 10 for number in given]

    batcher = Batcher(work, limit=3)
    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(batcher, 0)
        assert begun.wait(20)
        rest = [pool.submit(batcher, number) for number in range(1, 6)]
        while len(batcher._waiting) < 5:
            threading.Event().wait(0.001)
        go_on.set()
        assert [first.result(20), *(one.result(20) for one in rest)] == [0, 10, 20, 30, 40, 50]
    assert [len(one) for one in rounds] == [1, 3, 2]


def test_one_that_spoils_a_round_spoils_it_for_nobody_else() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(given: Sequence[int]) -> list[float]:
        begun.set()
        assert go_on.wait(20)
        return [1 / number for number in given]

    batcher = Batcher(work, limit=8)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(batcher, 4)
        assert begun.wait(20)
        rest = [pool.submit(batcher, number) for number in (2, 0, 1)]
        while len(batcher._waiting) < 3:
            threading.Event().wait(0.001)
        go_on.set()
        assert [first.result(20), rest[0].result(20), rest[2].result(20)] == [0.25, 0.5, 1.0]
        with pytest.raises(ZeroDivisionError):
            rest[1].result(20)


def test_without_torch_the_platform_says_what_is_missing(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = install_folder(model, tmp_path / "sambert", source="x")
    engine = get_engine("sambert", folder=tmp_path, model=f"{snapshot.name}/tiny_emo")
    monkeypatch.setattr(placement, "placement", placement.Placement())
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "synthesis.engines.sambert.networks")
    with pytest.raises(EngineNotInstalled, match="VOICE=sambert"):
        engine.load()
