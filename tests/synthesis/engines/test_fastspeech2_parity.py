"""The converted graphs against reference outputs of the source files, computed by another runtime."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest
from numpy.typing import NDArray

from synthesis.engines.fastspeech2.assets import load_assets
from synthesis.engines.fastspeech2.tflite_weights import TfliteWeights
from synthesis.engines.fastspeech2.vocoder_graph import build_vocoder
from synthesis.engines.fastspeech2.voice import Controls, Prediction, Voice
from tests.synthesis.engines.conftest import ROOT

REFERENCE = ROOT.parent / "shared" / "voice"
NONE = np.zeros((1, 1), np.float32)


@dataclass(frozen=True)
class Case:
    """One utterance: what goes in, and what the source answers. LiteRT rounds activations, we do not."""

    controls: Mapping[str, float]
    ids: NDArray[np.int32]
    mel: NDArray[np.float32]
    durations: NDArray[np.int32]
    f0: NDArray[np.float32]
    energy: NDArray[np.float32]
    samples: NDArray[np.float32]


def read_cases(folder: Path) -> list[Case]:
    arrays = np.load(folder / "parity.npz")

    def case(about: dict[str, Any]) -> Case:
        names = ("ids", "out1", "out2", "out3", "out4", "wav")
        ids, mel, durations, f0, energy, wav = (arrays[f"c{about['case']}_{name}"] for name in names)
        controls = {name: about[name] for name in ("speed_ratio", "f0_ratio", "energy_ratio")}
        return Case(controls, ids, mel, durations[0], f0[0], energy[0], wav)

    return [case(about) for about in json.loads((folder / "parity.json").read_text(encoding="utf-8"))]


CASES = read_cases(REFERENCE)
each_case = pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))


def predict(voice: Voice, case: Case) -> Prediction:
    speed, f0, energy = case.controls.values()
    return voice.predict(case.ids, Controls(speed, f0, energy, f0_shift=NONE, energy_shift=NONE))


def signal_to_noise(reference: NDArray[np.float32], samples: NDArray[np.float32]) -> float:
    return float(10 * np.log10((reference**2).sum() / ((reference - samples) ** 2).sum()))


@each_case
def test_durations(voice: Voice, case: Case) -> None:
    off = np.abs(predict(voice, case).durations - case.durations)
    assert (off <= 1).mean() >= 0.9
    assert (off == 0).mean() >= 0.9


@each_case
def test_pitch_and_energy(voice: Voice, case: Case) -> None:
    prediction = predict(voice, case)
    np.testing.assert_allclose(prediction.f0, case.f0, atol=0.2)
    np.testing.assert_allclose(prediction.energy, case.energy, atol=0.2)


@each_case
def test_mels_at_the_same_durations(voice: Voice, case: Case) -> None:
    mel = voice.mel(predict(voice, case), case.durations)
    # The reference's mels have a standard deviation near 1.
    assert np.abs(mel - case.mel).mean() < 0.05


@each_case
def test_vocoder_with_the_rounding_of_the_source(case: Case) -> None:
    graph = build_vocoder(TfliteWeights(load_assets().vocoder), rounding=True)
    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    samples = session.run(["audio"], {"mel": case.mel})[0][0]
    assert signal_to_noise(case.samples, samples) >= 55


@each_case
def test_clean_vocoder_differs_by_that_rounding_alone(voice: Voice, case: Case) -> None:
    samples = voice.samples(case.mel)
    assert samples.shape == case.samples.shape
    assert 25 <= signal_to_noise(case.samples, samples) <= 30
