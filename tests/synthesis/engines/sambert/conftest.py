from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from tests.synthesis.engines.sambert import tiny_model


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
