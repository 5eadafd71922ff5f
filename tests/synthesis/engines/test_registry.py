from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from synthesis.engines import Engine, EngineNotInstalled, engine_names, get_engine


def test_engine_is_loaded_once_for_all_threads(voices: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        engines = list(pool.map(lambda _: get_engine("fastspeech2", folder=voices), range(8)))
    assert len({id(engine) for engine in engines}) == 1


def test_same_folder_by_another_path_is_the_same_engine(voices: Path) -> None:
    detour = voices / ".." / voices.name
    assert get_engine("tone", folder=detour) is get_engine("tone", folder=voices)


def test_unknown_engine_is_refused_with_the_names_there_are(voices: Path) -> None:
    with pytest.raises(
        EngineNotInstalled, match="no engine 'piper', there are: fastspeech2, kokoro, sambert, tone"
    ) as refusal:
        get_engine("piper", folder=voices)
    assert refusal.value.permanent


@pytest.mark.parametrize("model", ["..", "../tone", "a/../..", "/etc", "a/b/c", "a//b", ".hidden", "a\n"])
def test_a_model_never_leads_out_of_its_engines_folder(voices: Path, model: str) -> None:
    with pytest.raises(EngineNotInstalled, match="is no name of a model"):
        get_engine("tone", folder=voices, model=model)


def test_each_model_is_an_engine_of_its_own(voices: Path) -> None:
    one, other = (get_engine("tone", folder=voices, model=model) for model in ("low/one", "high-1.0+a"))
    assert one is not other
    assert get_engine("tone", folder=voices, model="low/one") is one


def test_voice_never_made_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(EngineNotInstalled, match=r"no voice in .*fastspeech2: .*convert makes it"):
        get_engine("fastspeech2", folder=tmp_path)


def test_every_engine_has_a_version_of_its_own(voices: Path, sambert: Engine, kokoro: Engine) -> None:
    versions = {get_engine(name, folder=voices).version for name in ("fastspeech2", "tone")}
    assert len({sambert.version, kokoro.version, *versions}) == len(engine_names())
