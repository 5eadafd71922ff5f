from __future__ import annotations

from pathlib import Path

import pytest

from synthesis.engines import Engine, engine_names, get_engine
from synthesis.engines.fastspeech2.convert import convert
from synthesis.engines.fastspeech2.voice import Voice
from tests.synthesis.engines.kokoro import tiny_network
from tests.synthesis.engines.sambert.tiny_model import VOICES, make

ROOT = Path(__file__).parents[3]
MODELLED = ("kokoro", "sambert")


@pytest.fixture(scope="session")
def voices() -> Path:
    """The folder of all voices, with the embedded one in it. Made once and kept from run to run."""
    folder = ROOT / "var" / "voices"
    convert(folder / "fastspeech2")
    return folder


@pytest.fixture(scope="session")
def voice(voices: Path) -> Voice:
    return Voice(voices / "fastspeech2")


@pytest.fixture(scope="session")
def sambert(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A voice of the tiny model, installed."""
    from synthesis.engines.sambert.installing import install_folder

    folder = make(tmp_path_factory.mktemp("release") / "model")
    root = tmp_path_factory.mktemp("voices") / "sambert"
    snapshot = install_folder(folder, root, source="tests/tiny")
    return get_engine("sambert", folder=root.parent, model=f"{snapshot.name}/{VOICES[0]}")


@pytest.fixture(scope="session")
def kokoro(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A speaker of the tiny network, installed."""
    root = tmp_path_factory.mktemp("voices")
    tiny_network.install(root / "kokoro")
    return get_engine("kokoro", folder=root, model=tiny_network.SPEAKER)


@pytest.fixture(scope="session", params=(*engine_names(), "fastspeech2/steady"))
def engine(request: pytest.FixtureRequest, voices: Path) -> Engine:
    """Each engine in turn: the contract holds for all. Those with models of their own have a fixture."""
    if request.param in MODELLED:
        found: Engine = request.getfixturevalue(request.param)
        return found
    name, _slash, variant = request.param.partition("/")
    return get_engine(name, folder=voices, model=variant)


@pytest.fixture(scope="session")
def embedded(voices: Path) -> Engine:
    return get_engine("fastspeech2", folder=voices)
