"""Other ways of running a vocoder say the same; which one to take is measured."""

from __future__ import annotations

import math

import pytest
import torch

from synthesis.engines.sambert import choice
from synthesis.engines.sambert.choice import PLAIN, Trial, Way, choose_backend, open_vocoder, signal_to_noise
from tests.synthesis.engines.sambert.tiny_vocoders import (
    KINDS,
    config_of,
    frames_for,
    state_of,
    vocoder_of,
)

ONNX = Way(runtime="onnx")
BF16 = Way(precision="bf16")


@pytest.mark.parametrize("kind", KINDS)
def test_onnx_runtime_says_the_same(kind: str) -> None:
    config = config_of(kind)
    mel = frames_for(config, 41)
    other = open_vocoder(config, state_of(config), ONNX)
    assert signal_to_noise(other(mel, seed=2), vocoder_of(kind)(mel, seed=2)) > 80


@pytest.mark.parametrize("kind", ["causal", "non-causal with a source"])
def test_bf16_says_nearly_the_same(kind: str) -> None:
    config = config_of(kind)
    mel = frames_for(config)
    rounded = open_vocoder(config, state_of(config), BF16)(mel)
    assert rounded.dtype == torch.float32
    assert 25 < signal_to_noise(rounded, vocoder_of(kind)(mel)) < 70


def test_a_stream_joins_in_onnx_runtime_too() -> None:
    config = config_of("causal with a source")
    vocoder = open_vocoder(config, state_of(config), ONNX)
    mel = frames_for(config, 150)
    joined = torch.cat(list(vocoder.stream(mel.split(30))))
    torch.testing.assert_close(joined, vocoder(mel), atol=5e-6, rtol=0)


@pytest.mark.parametrize("kind", ["non-causal", "causal with a source"])
def test_every_way_is_tried_and_one_chosen(kind: str) -> None:
    config = config_of(kind)
    result = choose_backend(config, state_of(config), sample_rate=16000)
    assert [trial.way for trial in result.trials] == [PLAIN, ONNX, BF16]
    assert all(trial.rtf > 0 for trial in result.trials)
    assert result.trials[0].snr == math.inf
    assert result.chosen in result.trials
    assert result.chosen.snr >= choice.LEAST_SNR


def test_an_inexact_way_is_not_chosen_however_fast() -> None:
    trials = [Trial(PLAIN, 0.2, math.inf), Trial(ONNX, 0.1, 100.0), Trial(BF16, 0.05, 29.9)]
    assert choice._fastest(trials, choice.LEAST_SNR).way == ONNX
    assert choice._fastest(trials, 20.0).way == BF16


def test_a_way_that_gains_little_is_not_chosen() -> None:
    trials = [Trial(PLAIN, 0.2, math.inf), Trial(ONNX, 0.195, 100.0)]
    assert choice._fastest(trials, choice.LEAST_SNR).way == PLAIN


def test_a_card_is_tried_in_half_precision_only() -> None:
    assert choice.ways_on("cuda:1") == (PLAIN, Way(precision="fp16"))


@pytest.mark.parametrize(("way", "device"), [(Way("onnx", "bf16"), "cpu"), (ONNX, "cuda:0")])
def test_a_way_that_does_not_exist_is_refused(way: Way, device: str) -> None:
    config = config_of("causal")
    with pytest.raises(ValueError, match="ONNX Runtime speaks in fp32 on the CPU"):
        open_vocoder(config, state_of(config), way, device=device)


def test_noise_is_told_in_decibels() -> None:
    sound = torch.tensor([1.0, -1.0])
    assert signal_to_noise(sound * 1.1, sound) == pytest.approx(20, abs=0.01)
    assert signal_to_noise(sound, sound) == math.inf
    assert signal_to_noise(sound, sound * 0) == -math.inf
