"""A model that cannot be used is refused by the name of what is wrong in it, and nothing of it is run."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from synthesis.engines import EngineNotInstalled, get_engine
from synthesis.engines.base import Delivery
from synthesis.engines.sambert.checkpoint import UnsafeCheckpoint, read_state
from synthesis.engines.sambert.examining import Finding, examine
from synthesis.engines.sambert.folder import FolderError, newest_checkpoint, open_folder
from synthesis.engines.sambert.installing import install_folder
from synthesis.engines.sambert.snapshot import MODEL
from tests.synthesis.engines.cast import WATER

ACOUSTIC = Path("voices/tiny_emo/am/ckpt/checkpoint_90.pth")
VOCODER = Path("voices/tiny_emo/voc/ckpt/checkpoint_90.pth")


def findings(model: Path) -> list[tuple[str, str]]:
    return [(finding.place, finding.what) for finding in examine(model).findings]


def respell(path: Path, change: Callable[[dict[str, Any]], None], *keys: str) -> None:
    """Opens a checkpoint, changes what lies under `keys`, writes it again."""
    content = torch.load(path, weights_only=False)
    found = content
    for key in keys:
        found = found[key]
    change(found)
    torch.save(content, path)


def rewrite(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(yaml.safe_dump(content), encoding="utf-8")


def test_a_sound_model_has_no_findings(model: Path) -> None:
    report = examine(model)
    assert report.findings == ()
    plain, with_source = report.voices
    assert (plain.name, plain.sample_rate, plain.acoustic_checkpoint) == ("tiny_emo", 16_000, ACOUSTIC.name)
    assert (plain.has_source, with_source.has_source) == (False, True)
    assert plain.speakers[0] == "F7"


def test_every_tensor_at_fault_is_named_not_only_the_first(model: Path) -> None:
    def spoil(state: dict[str, Any]) -> None:
        del state["mel_postnet.fc.bias"]
        state["text_encoder.ling_proj.weight"] = torch.zeros(3, 5)
        state["surplus.weight"] = torch.zeros(2)
        state["mel_decoder.mel_dec.ln.bias"] = torch.full((16,), float("nan"))
        state["align_attention.key_proj"] = torch.zeros(9)  # of training: may be there

    respell(model / ACOUSTIC, spoil, "model")
    found = {finding.tensor: finding for finding in examine(model).findings}
    assert set(found) == {"missing", "shape", "unexpected", "not_finite"}
    assert all(finding.place == str(ACOUSTIC) for finding in found.values())
    assert found["missing"].what == "mel_postnet.fc.bias [8] is missing"
    assert found["shape"].what == "text_encoder.ling_proj.weight has shape [3, 5], must be [8, 16]"
    assert found["unexpected"].what == "surplus.weight [2] is unexpected"
    assert "mel_decoder.mel_dec.ln.bias" in found["not_finite"].what


def test_both_networks_are_looked_through(model: Path) -> None:
    respell(model / VOCODER, lambda state: state.pop("conv_pre.conv1d.weight_g"), "model", "generator")
    respell(model / ACOUSTIC, lambda state: state.pop("mel_postnet.fc.bias"), "model")
    assert [finding.place for finding in examine(model).findings] == [str(ACOUSTIC), str(VOCODER)]
    assert examine(model).findings[1].what == "conv_pre.conv1d.weight_g [16, 1, 1] is missing"


class _Calls:
    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self._path),)


def test_a_pickle_that_calls_code_is_refused_and_not_run(model: Path, tmp_path: Path) -> None:
    trap = tmp_path / "it-ran"
    torch.save({"model": _Calls(trap)}, model / ACOUSTIC)
    (model / VOCODER).write_bytes(pickle.dumps({"model": _Calls(trap)}, protocol=2))  # no archive
    found = findings(model)
    assert [place for place, _ in found] == [str(ACOUSTIC), str(VOCODER)]
    assert all("asks to run posix.mkdir; refused" in what for _, what in found)
    assert not trap.exists()


def test_a_packed_or_outward_archive_is_refused(model: Path) -> None:
    for name, packing in (("archive/data.pkl", zipfile.ZIP_DEFLATED), ("../data.pkl", zipfile.ZIP_STORED)):
        with zipfile.ZipFile(model / ACOUSTIC, "w", packing) as archive:
            archive.writestr(name, b"0" * 100)
        with pytest.raises(UnsafeCheckpoint, match="refused"):
            read_state(model / ACOUSTIC, "model")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_truncated_checkpoint_is_named(model: Path, share: float) -> None:
    content = (model / VOCODER).read_bytes()
    (model / VOCODER).write_bytes(content[: int(len(content) * share)])
    [(place, what)] = findings(model)
    assert place == str(VOCODER)
    assert "cut off" in what or "damaged" in what


def test_a_checkpoint_of_something_else_is_named(model: Path) -> None:
    torch.save({"weights": torch.zeros(2)}, model / ACOUSTIC)
    respell(model / VOCODER, lambda content: content.update(model={"generator": {"step": 3}}))
    assert findings(model) == [
        (str(ACOUSTIC), "holds no model"),
        (str(VOCODER), "model.generator: 'step' is no tensor"),
    ]


def test_an_unknown_key_of_a_configuration_is_named(model: Path) -> None:
    def add(document: dict[str, Any]) -> None:
        document["Model"]["KanTtsSAMBERT"]["params"]["rotary"] = True

    rewrite(model / "voices/tiny_emo/am/config.yaml", add)
    [(place, what)] = findings(model)
    assert place == "voices/tiny_emo/am/config.yaml"
    assert "Model.KanTtsSAMBERT.params.rotary" in what


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "is not YAML"),
        ("- 1\n", "must hold keys"),
        ("!!python/object/apply:os.getcwd []", "is not YAML"),
    ],
)
def test_a_configuration_that_is_none_is_named(model: Path, text: str, complaint: str) -> None:
    (model / "voices/tiny_emo/voc/config.yaml").write_text(text)
    [(place, what)] = findings(model)
    assert (place, complaint in what) == ("voices/tiny_emo/voc/config.yaml", True)


def test_networks_that_do_not_fit_each_other_are_named(model: Path) -> None:
    shutil.rmtree(model / "voices/tiny_emo/voc")
    shutil.copytree(model / "voices/tiny_nsf/voc", model / "voices/tiny_emo/voc")
    [(place, what)] = findings(model)
    assert place == "voices/tiny_emo/voc/config.yaml"
    assert what == "takes 10 with F0, and the acoustic model makes 8 channels"


@pytest.mark.parametrize("values", [None, np.zeros((3, 1)), np.array([[200.0], [0.0]]), np.array([{}])])
def test_what_tells_the_pitch_is_checked(model: Path, values: Any) -> None:
    path = model / "voices/tiny_nsf/am/mvn.npy"
    path.unlink()
    if values is not None:
        np.save(path, values, allow_pickle=True)
    [(place, _)] = findings(model)
    assert place == "voices/tiny_nsf/am/mvn.npy"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ({"model": {"type": "other"}}, "model.type must be 'sambert-hifigan'"),
        ({"model": {"type": "sambert-hifigan", "sample_rate": "16k"}}, "the sample rate must be"),
        ({"model": {"type": "sambert-hifigan", "custom_ckpt": {"am": "/x"}}}, "custom_ckpt"),
        ([], "must hold keys"),
    ],
)
def test_a_folder_that_says_it_is_something_else_is_refused(
    model: Path, content: object, complaint: str
) -> None:
    (model / "configuration.json").write_text(json.dumps(content))
    with pytest.raises(FolderError, match=complaint):
        open_folder(model)


@pytest.mark.parametrize("name", ["../../etc", "/etc", "", "a b", 7])
def test_a_listed_voice_never_leads_out_of_the_folder(model: Path, name: object) -> None:
    (model / "voices" / "voices.json").write_text(json.dumps({"voices": [name]}))
    with pytest.raises(FolderError, match="is no name of a voice"):
        open_folder(model)


def test_a_link_out_of_the_folder_is_not_followed(model: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.pth"
    (model / ACOUSTIC).rename(outside)
    (model / ACOUSTIC).symlink_to(outside)
    assert "leads out of the folder" in findings(model)[0][1]
    with pytest.raises(FolderError, match="leads out of the folder"):
        install_folder(model, tmp_path / "voices", source="x")


def test_a_listed_voice_that_is_not_there_is_passed_over(model: Path) -> None:
    (model / "voices" / "voices.json").write_text(json.dumps({"voices": ["gone", "tiny_emo"]}))
    report = examine(model)
    assert ([voice.name for voice in report.voices], report.absent) == (["tiny_emo"], ("gone",))


def test_the_highest_number_of_a_checkpoint_counts(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match=r"there is no checkpoint_N\.pth"):
        newest_checkpoint(tmp_path)
    for name in (
        "checkpoint_9.pth",
        "checkpoint_10.pth",
        "checkpoint-99.pth",
        "checkpoint_.pth",
        "checkpoint_11.txt",
    ):
        (tmp_path / name).touch()
    assert newest_checkpoint(tmp_path).name == "checkpoint_10.pth"


def test_archives_and_old_releases_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "voices.zip").touch()
    with pytest.raises(FolderError, match="before 2023"):
        open_folder(tmp_path)
    with pytest.raises(FolderError, match="unpack"):
        open_folder(tmp_path / "voices.zip")
    with pytest.raises(FolderError, match="is not there"):
        open_folder(tmp_path / "nothing")


def test_a_file_damaged_after_it_was_installed_stops_that_voice_only(model: Path, tmp_path: Path) -> None:
    root = tmp_path / "voices" / "sambert"
    snapshot = install_folder(model, root, source="x")
    engines = [
        get_engine("sambert", folder=root.parent, model=f"{snapshot.name}/{name}") for name in snapshot.voices
    ]
    path = root / snapshot.name / MODEL / ACOUSTIC
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[-200] ^= 1
    path.write_bytes(content)
    with pytest.raises(EngineNotInstalled, match=rf"{ACOUSTIC.name}: is damaged"):
        engines[0].load()
    assert engines[1].speak(WATER, Delivery()).seconds > 0.5


def test_findings_are_plain_values(model: Path) -> None:
    (model / VOCODER).unlink()
    (model / VOCODER.with_name("checkpoint_0.pth")).unlink()
    assert examine(model).findings == (Finding("voices/tiny_emo/voc/ckpt", "there is no checkpoint_N.pth"),)
