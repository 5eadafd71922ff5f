"""Frames become sound, as the network's definition says."""

from __future__ import annotations

import pytest
import torch

from benchmarks._plain_vocoder import PlainVocoder
from synthesis.engines.base import EngineNotInstalled
from synthesis.engines.sambert import generator
from synthesis.engines.sambert.source import Draw, seed_of
from synthesis.engines.sambert.vocoder import Vocoder
from tests.synthesis.engines.sambert.tiny_vocoders import (
    KINDS,
    config_of,
    frames_for,
    state_of,
    vocoder_of,
)


@pytest.mark.parametrize("kind", KINDS)
def test_sound_is_what_the_definition_gives(kind: str) -> None:
    config = config_of(kind)
    state, mel = state_of(config), frames_for(config)
    drawn = ()
    if config.nsf:
        draw = Draw(7, config.nsf.harmonics + 1)
        drawn = (draw.phases(), draw.noise(len(mel) * config.hop))
    sound = Vocoder.from_state(config, state)(mel, seed=7)
    torch.testing.assert_close(sound, PlainVocoder(config, state)(mel, *drawn), atol=5e-6, rtol=0)
    assert len(sound) == len(mel) * config.hop
    assert 0.01 < sound.std() < 0.9


def test_one_seed_gives_one_sound() -> None:
    vocoder = vocoder_of("non-causal with a source")
    mel = frames_for(vocoder.config)
    assert torch.equal(vocoder(mel, seed=1), vocoder(mel, seed=1))
    assert not torch.equal(vocoder(mel, seed=1), vocoder(mel, seed=2))


def test_a_seed_comes_from_the_content() -> None:
    assert seed_of("zhitian", "ni3 hao3") == seed_of("zhitian", "ni3 hao3") == 1535009756245639956
    assert seed_of("zhitian", "ni3 hao3") != seed_of("zhitianni3", "hao3")


def test_given_draws_take_the_place_of_the_seed() -> None:
    vocoder = vocoder_of("non-causal with a source")
    mel = frames_for(vocoder.config)
    draw = Draw(3, 4)
    given = (draw.phases(), draw.noise(len(mel) * vocoder.config.hop))
    assert torch.equal(vocoder(mel, seed=9, given=given), vocoder(mel, seed=3))


def test_no_frames_make_no_sound() -> None:
    assert vocoder_of("causal")(torch.zeros(0, 6)).shape == (0,)


def test_frames_of_another_acoustic_model_are_refused() -> None:
    with pytest.raises(ValueError, match="8 channels, the vocoder takes 6"):
        vocoder_of("causal")(torch.zeros(10, 8))


def test_a_missing_tensor_is_named() -> None:
    config = config_of("causal")
    state = state_of(config)
    del state["conv_blocks.2.convs1.1.conv1d.weight_g"]
    with pytest.raises(EngineNotInstalled, match=r"conv_blocks\.2\.convs1\.1\.conv1d\.weight_g is missing"):
        Vocoder.from_state(config, state)


def test_a_tensor_of_another_shape_is_named() -> None:
    config = config_of("causal")
    state = state_of(config)
    state["conv_post.conv1d.bias"] = torch.zeros(3)
    with pytest.raises(EngineNotInstalled, match=r"conv_post\.conv1d\.bias is \(3,\), must be \(1,\)"):
        Vocoder.from_state(config, state)


@pytest.mark.parametrize("kind", ["causal with even kernels", "non-causal with odd kernels"])
def test_a_long_sound_is_made_in_tiles_that_join(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    vocoder = vocoder_of(kind)
    mel = frames_for(vocoder.config, 300)
    whole = vocoder(mel)
    monkeypatch.setattr(generator, "_TILE", 4096)
    torch.testing.assert_close(vocoder(mel), whole, atol=5e-6, rtol=0)
