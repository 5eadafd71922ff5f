"""The acoustic model, small and with random weights, beside the same network written down plainly."""

from __future__ import annotations

import math
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from benchmarks._plain_acoustic import PlainAcoustic
from synthesis.engines.base import EngineFailed, EngineNotInstalled
from synthesis.engines.sambert.acoustic import AcousticModel, F0Statistics, Mel, Utterance
from synthesis.engines.sambert.config import AcousticConfig
from synthesis.engines.sambert.layers import halved_waves
from synthesis.engines.sambert.symbols import inventories
from tests.synthesis.engines.sambert.tiny_model import acoustic_document, acoustic_state

CLOSE = {"rtol": 0.0, "atol": 1.5e-5}
DURATION = "variance_adaptor.duration_predictor.fc"
F0 = F0Statistics(200.0, 40.0)
NEUTRAL, HAPPY = 1, 5


def document(
    *, nsf: bool = False, linguistic: Mapping[str, object] | None = None, **params: Any
) -> dict[str, Any]:
    """The tiny voice's configuration with other parameters."""
    made = acoustic_document(nsf=nsf)
    made["Model"]["KanTtsSAMBERT"]["params"] |= {"decoder_num_layers": 2, "outputs_per_step": 3} | params
    made["linguistic_unit"] |= linguistic or {}
    return made


def state_of(made: Mapping[str, Any], *, spread: float = 0.5, seed: int = 3) -> dict[str, Tensor]:
    """Random weights; symbols last some 7 frames, more or less by `spread`."""
    state = acoustic_state(made, seed)
    weight = torch.linspace(-spread, spread, state[f"{DURATION}.weight"].numel())
    return state | {f"{DURATION}.weight": weight[None], f"{DURATION}.bias": torch.tensor([math.log(8)])}


def model_of(made: Mapping[str, Any], **state: Any) -> AcousticModel:
    return AcousticModel.from_state(AcousticConfig.parse(made), state_of(made, **state), f0=F0)


def ids(length: int, *, seed: int = 0, emotion: int | None = None) -> Tensor:
    """Any symbols at all, [6, length]."""
    units = inventories(AcousticConfig.parse(document()).linguistic)
    draw = torch.Generator().manual_seed(seed)
    rows = torch.stack([torch.randint(0, len(unit.symbols), (length,), generator=draw) for unit in units])
    if emotion is not None:
        rows[4] = emotion
    return rows


def same(one: Mel, other: Mel) -> bool:
    return bool(torch.equal(one.durations, other.durations)) and torch.allclose(
        one.frames, other.frames, **CLOSE
    )


@pytest.mark.parametrize(
    "params",
    [
        {"outputs_per_step": 1},
        {"outputs_per_step": 5, "decoder_num_heads": 4},
        {"max_len": 7, "embedding_dim": 12},
        {"predictor_filter_size": 1, "postnet_filter_size": 13, "postnet_shift": 6},
        {"predictor_filter_size": 4, "predictor_shift": 1, "postnet_filter_size": 3},
        {"predictor_fsmn_num_layers": 2, "predictor_shift": [0, 1], "postnet_shift": [9]},
        {"predictor_num_memory_units": 20, "postnet_num_memory_units": 8, "encoder_num_layers": 3},
        {"embedding_dim": 16, "encoder_num_units": 24, "encoder_num_heads": 3, "decoder_num_units": 12},
    ],
    ids=str,
)
def test_any_size_agrees_with_the_plain_network(params: dict[str, Any]) -> None:
    made = document(**params)
    config, state = AcousticConfig.parse(made), state_of(made)
    model, plain = AcousticModel.from_state(config, state), PlainAcoustic(config, state)
    for length in (1, 2, 23):
        symbols = ids(length, seed=length)
        torch.testing.assert_close(model.predict(Utterance(symbols)).frames, plain(symbols), **CLOSE)


def test_together_is_as_alone() -> None:
    model = model_of(document(), spread=3.0)
    many = [Utterance(ids(length, seed=length), rate=0.5 + length / 20) for length in (9, 30, 1, 17, 30)]
    alone = [model.predict(utterance) for utterance in many]
    timings = model.time(model.read(many), many)
    assert len({timing.band for timing in timings}) > 2
    assert all(map(same, model.predict_many(many), alone))
    assert all(map(same, model.predict_many(many[::-1]), alone[::-1]))


def test_threads_share_a_model() -> None:
    model = model_of(document())
    many = [Utterance(ids(5 + length, seed=length)) for length in range(6)]
    alone = [model.predict(utterance) for utterance in many]
    with ThreadPoolExecutor(3) as threads:
        assert all(map(same, threads.map(model.predict, many), alone))


def test_tables_without_a_mask_read_the_same() -> None:
    made = document()
    config, state = AcousticConfig.parse(made), state_of(made)
    utterance = Utterance(ids(20))
    tables = [name for name in state if "_emb.weight" in name or "tokenizer" in name]
    cut = {name: state[name][:-1] for name in tables if "pitch" not in name and "energy" not in name}
    assert len(cut) == 6
    whole = AcousticModel.from_state(config, state).predict(utterance)
    assert same(AcousticModel.from_state(config, state | cut).predict(utterance), whole)


def test_a_speaker_may_be_a_vector() -> None:
    made = document(SE=True, speaker_units=4)
    model = model_of(made)
    symbols = ids(20)
    low, high = torch.zeros(1, 4), torch.ones(1, 4)
    assert not same(
        model.predict(Utterance(symbols, speaker=low)), model.predict(Utterance(symbols, speaker=high))
    )
    # Said by everybody's table of one row, it is the same voice.
    named = document(speaker_units=4, linguistic={"speaker_list": "F7"})
    state = state_of(named)
    state["spk_tokenizer.weight"] = high.expand(4, 4)
    symbols[5] = 0
    other = AcousticModel.from_state(AcousticConfig.parse(named), state).predict(Utterance(symbols))
    assert same(model.predict(Utterance(symbols, speaker=high[0])), other)
    with pytest.raises(EngineFailed, match="speaker vector of 4 values"):
        model.predict(Utterance(symbols))


def test_f0_is_in_hertz_and_moves_by_semitones() -> None:
    model = model_of(document(nsf=True))
    symbols = ids(25)
    plain, octave = (model.predict(Utterance(symbols, pitch=pitch)).frames for pitch in (0.0, 12.0))
    assert torch.equal(plain[:, :-2], octave[:, :-2])
    heard = plain[:, -2] > 30
    torch.testing.assert_close(octave[heard, -2], 2 * plain[heard, -2])
    assert plain[:, -2].min() >= 30
    assert set(plain[:, -1].tolist()) <= {0.0, 1.0}


def test_f0_restored_by_range_and_by_statistics() -> None:
    mel = torch.tensor([[9.0, 0.5, 0.6], [9.0, -3.0, 0.59]])
    by_range = model_of(document(nsf=True, nsf_norm_type="global", num_mels=3)).restore(mel)
    torch.testing.assert_close(by_range, torch.tensor([[9.0, 380.0, 1.0], [9.0, 30.0, 0.0]]))
    by_statistics = model_of(document(nsf=True, num_mels=3)).restore(mel)
    torch.testing.assert_close(by_statistics, torch.tensor([[9.0, 220.0, 1.0], [9.0, 80.0, 0.0]]))


@pytest.mark.parametrize("rate", [0.5, 1.5, 2.0])
def test_rate_scales_lengths(rate: float) -> None:
    model = model_of(document())
    symbols = ids(40)
    usual, scaled = (len(model.predict(Utterance(symbols, rate=each)).frames) for each in (1.0, rate))
    assert scaled == pytest.approx(usual / rate, abs=20)


def test_pitch_and_energy_are_heard() -> None:
    model = model_of(document())
    symbols = ids(30)
    plain = model.predict(Utterance(symbols))
    assert not same(model.predict(Utterance(symbols, pitch=2.0)), plain)
    assert not same(model.predict(Utterance(symbols, energy=1.0)), plain)


def test_intensity_leads_from_neutral_past_the_emotion() -> None:
    model = model_of(document())
    happy, neutral = ids(30, emotion=HAPPY), ids(30, emotion=NEUTRAL)
    plain = model.predict(Utterance(happy))
    calm = model.predict(Utterance(neutral))
    assert same(model.predict(Utterance(happy, intensity=0.0)), calm)
    assert same(model.predict(Utterance(neutral, intensity=2.0)), calm)
    assert not same(model.predict(Utterance(happy, intensity=2.0)), plain)
    barely = model.predict(Utterance(happy, intensity=1.0 + 1e-6))
    torch.testing.assert_close(barely.frames, plain.frames, rtol=0, atol=1e-3)
    # A break that was given no emotion is not made neutral.
    none = ids(30, emotion=0)
    assert same(model.predict(Utterance(none, intensity=0.0)), model.predict(Utterance(none)))


def test_a_pause_lasts_as_long_as_asked() -> None:
    model = model_of(document())
    utterance = Utterance(ids(12))
    usual = model.predict(utterance).durations
    paused = replace(utterance, pauses={4: 60, 11: 0})
    expected = usual.clone()
    expected[4], expected[11] = 60, 0
    mel = model.predict(paused)
    assert torch.equal(mel.durations, expected)
    assert len(mel.frames) == expected.sum()
    before, after = (model.time(model.read([said]), [said])[0].band for said in (utterance, paused))
    assert before == after


def test_a_text_so_short_that_it_rounds_to_nothing_is_heard() -> None:
    made = document()
    state = state_of(made) | {f"{DURATION}.weight": torch.zeros(1, 8), f"{DURATION}.bias": torch.zeros(1)}
    mel = AcousticModel.from_state(AcousticConfig.parse(made), state).predict(Utterance(ids(5)))
    assert mel.durations.tolist() == [1, 0, 0, 0, 0]
    assert mel.frames.shape == (1, 8)


@pytest.mark.parametrize("bias", [20.0, 1000.0, math.nan])
def test_lengths_that_no_speech_has_are_a_failure(bias: float) -> None:
    made = document()
    state = state_of(made) | {f"{DURATION}.bias": torch.tensor([bias])}
    model = AcousticModel.from_state(AcousticConfig.parse(made), state)
    with pytest.raises(EngineFailed, match="gives 5 symbols"):
        model.predict(Utterance(ids(5)))


def test_a_state_that_does_not_fit_is_named_tensor_by_tensor() -> None:
    made = document()
    config, state = AcousticConfig.parse(made), state_of(made)
    missing, odd = "mel_postnet.fc.weight", "text_encoder.tone_emb.weight"
    broken = {name: tensor for name, tensor in state.items() if name != missing}
    with pytest.raises(EngineNotInstalled, match=r"mel_postnet\.fc\.weight"):
        AcousticModel.from_state(config, broken)
    with pytest.raises(EngineNotInstalled, match=r"tone_emb\.weight"):
        AcousticModel.from_state(config, state | {odd: state[odd][:4]})
    with pytest.raises(EngineNotInstalled, match=r"FP_predictor\.fc\.weight"):
        AcousticModel.from_state(config, state | {"FP_predictor.fc.weight": torch.zeros(4, 8)})


def test_constants_may_be_carried_if_they_are_the_right_ones() -> None:
    made = document()
    config, state = AcousticConfig.parse(made), state_of(made)
    name = "text_encoder.ling_enc.position_enc.position_enc"
    table = halved_waves(config.max_len, config.embedding_dim)[None]
    extra = {name: table, "align_attention.attn_proj.weight": torch.zeros(2)}
    utterance = Utterance(ids(9))
    plain = AcousticModel.from_state(config, state).predict(utterance)
    assert same(AcousticModel.from_state(config, state | extra).predict(utterance), plain)
    with pytest.raises(EngineNotInstalled, match="is not the constant"):
        AcousticModel.from_state(config, state | {name: table + 1})
    with pytest.raises(EngineNotInstalled, match="shape"):
        AcousticModel.from_state(config, state | {name: table[:, :9]})


def test_a_voice_with_f0_needs_its_statistics() -> None:
    made = document(nsf=True)
    with pytest.raises(EngineNotInstalled, match=r"mvn\.npy is missing"):
        AcousticModel.from_state(AcousticConfig.parse(made), state_of(made))
