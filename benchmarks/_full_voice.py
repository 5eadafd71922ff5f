"""A Sambert voice of the released 16 kHz size with random weights: as slow as a real one, and says nothing.

Every symbol lasts six frames of 12.5 ms, whatever the weights: the duration predictor's last layer answers
ln(6 + 1) to everything.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import torch
from torch import Tensor

from synthesis.engines.sambert.acoustic import AcousticModel
from synthesis.engines.sambert.config import AcousticConfig, VocoderConfig
from synthesis.engines.sambert.vocoder import Vocoder

SAMPLE_RATE: Final = 16000
FRAMES_A_SYMBOL: Final = 6
_SIZES: Final = {
    "sy": 147,
    "tone": 10,
    "syllable_flag": 8,
    "word_segment": 8,
    "emotion": 36,
    "speaker": 9,
}
_SPECIALS: Final = 3  # the last symbols of each table, which no text holds
_ACOUSTIC: Final[dict[str, Any]] = {
    "max_len": 800,
    "embedding_dim": 512,
    "encoder_num_layers": 8,
    "encoder_num_heads": 8,
    "encoder_num_units": 128,
    "encoder_ffn_inner_dim": 1024,
    "encoder_projection_units": 32,
    "speaker_units": 32,
    "emotion_units": 32,
    "predictor_filter_size": 41,
    "predictor_fsmn_num_layers": 3,
    "predictor_num_memory_units": 128,
    "predictor_ffn_inner_dim": 256,
    "predictor_shift": 0,
    "predictor_lstm_units": 128,
    "dur_pred_prenet_units": [128, 128],
    "dur_pred_lstm_units": 128,
    "decoder_prenet_units": [256, 256],
    "decoder_num_layers": 12,
    "decoder_num_heads": 8,
    "decoder_num_units": 128,
    "decoder_ffn_inner_dim": 1024,
    "outputs_per_step": 3,
    "num_mels": 80,
    "postnet_filter_size": 41,
    "postnet_fsmn_num_layers": 4,
    "postnet_num_memory_units": 256,
    "postnet_ffn_inner_dim": 512,
    "postnet_shift": 17,
    "postnet_lstm_units": 128,
    "MAS": False,
}
_LINGUISTIC: Final = {
    "cleaners": "english_cleaners",
    "lfeat_type_list": "sy,tone,syllable_flag,word_segment,emo_category,speaker_category",
    "speaker_list": "F7,F74,FBYN,FRXL,M7,xiaoyu",
}
_VOCODER: Final[dict[str, Any]] = {
    "in_channels": 80,
    "out_channels": 1,
    "channels": 256,
    "kernel_size": 7,
    "upsample_scales": [10, 5, 2, 2],
    "upsample_kernal_sizes": [20, 11, 4, 4],
    "resblock_kernel_sizes": [3, 7, 11],
    "resblock_dilations": [[1, 3, 5, 7]] * 3,
    "bias": True,
    "causal": False,
    "nonlinear_activation": "LeakyReLU",
    "nonlinear_activation_params": {"negative_slope": 0.1},
    "use_weight_norm": True,
}


def acoustic_config() -> AcousticConfig:
    document = {"Model": {"KanTtsSAMBERT": {"params": _ACOUSTIC}}, "linguistic_unit": _LINGUISTIC}
    return AcousticConfig.parse(document)


def vocoder_config(*, causal: bool = False) -> VocoderConfig:
    kernels = [20, 10, 4, 4] if causal else [20, 11, 4, 4]
    params = {**_VOCODER, "causal": causal, "upsample_kernal_sizes": kernels}
    return VocoderConfig.parse({"Model": {"Generator": {"params": params}}})


def acoustic_state(seed: int = 0) -> dict[str, Tensor]:
    state = _drawn(AcousticModel.expected(acoustic_config(), _SIZES), seed)
    last = "variance_adaptor.duration_predictor.fc"
    state[f"{last}.weight"].zero_()
    state[f"{last}.bias"].fill_(math.log(FRAMES_A_SYMBOL + 1))
    return state


def vocoder_state(config: VocoderConfig, seed: int = 0) -> dict[str, Tensor]:
    """Directions at random, and lengths that keep the values' size from filter to filter."""
    state = _drawn(Vocoder.expected(config), seed)
    for name, tensor in state.items():
        if name.endswith("weight_g"):
            tensor.fill_(0.7)
    return state


def _drawn(shapes: Mapping[str, tuple[int, ...]], seed: int) -> dict[str, Tensor]:
    random = torch.Generator().manual_seed(seed)
    return {name: _tensor(name, shape, random) for name, shape in shapes.items()}


def _tensor(name: str, shape: tuple[int, ...], random: torch.Generator) -> Tensor:
    drawn = torch.randn(shape, generator=random)
    if len(shape) > 1:
        return drawn / math.sqrt(math.prod(shape[1:]))
    return drawn * 0.1 + (1.0 if name.endswith("weight") else 0.0)


def ids(symbols: int, seed: int = 0) -> Tensor:
    """Six rows of ids [6, symbols]."""
    random = torch.Generator().manual_seed(seed)
    rows = [torch.randint(size - _SPECIALS, (symbols,), generator=random) for size in _SIZES.values()]
    return torch.stack(rows)


def seconds(symbols: int) -> float:
    """How long that many symbols sound."""
    return symbols * FRAMES_A_SYMBOL * vocoder_config().hop / SAMPLE_RATE
