from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.synthesis.engines.sambert import loopback_hub, tiny_model
from tests.synthesis.engines.sambert.loopback_hub import Hub


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """As workers run: on a busy machine two threads wait for each other at every small product."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model.make(tmp_path_factory.mktemp("release") / "model")


@pytest.fixture
def model(made_once: Path, tmp_path: Path) -> Path:
    """A released folder of its own, to be spoilt."""
    return Path(shutil.copytree(made_once, tmp_path / "model"))


@pytest.fixture
def hub(made_once: Path) -> Iterator[Hub]:
    with loopback_hub.running() as hub:
        hub.models[MODEL_ID] = made_once
        yield hub


MODEL_ID = "damo/speech_sambert-hifigan_tts_tiny_emo_zh-cn_16k"
