"""Vocoders of random weights and a few channels, one of each kind."""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import Tensor

from synthesis.engines.sambert.config import VocoderConfig
from synthesis.engines.sambert.vocoder import Vocoder

_PLAIN: Final[dict[str, Any]] = {
    "in_channels": 6,
    "out_channels": 1,
    "channels": 16,
    "kernel_size": 7,
    "upsample_scales": [5, 2],
    "upsample_kernal_sizes": [10, 4],
    "resblock_kernel_sizes": [3, 7],
    "resblock_dilations": [[1, 3], [1, 2]],
    "bias": True,
    "causal": True,
}
_SOURCE: Final = {"nb_harmonics": 3, "sampling_rate": 16000}

KINDS: Final[dict[str, dict[str, Any]]] = {
    "causal": {},
    "causal with even kernels": {"kernel_size": 4, "resblock_kernel_sizes": [2, 6]},
    "causal with a source": {"nsf_params": _SOURCE},
    "non-causal": {"causal": False},
    "non-causal with odd kernels": {
        "causal": False,
        "kernel_size": 5,
        "upsample_scales": [5, 3],
        "upsample_kernal_sizes": [11, 8],
        "resblock_kernel_sizes": [5, 9],
    },
    "non-causal with a source": {"causal": False, "upsample_scales": [3, 5], "nsf_params": _SOURCE},
    "four bands": {"out_channels": 4},
    "no biases": {"bias": False},
    "wide": {"channels": 256, "upsample_scales": [3], "upsample_kernal_sizes": [6]},
}
for _kind in KINDS.values():  # a kernel must be longer than its scale
    _scales = _kind.get("upsample_scales")
    if _scales and "upsample_kernal_sizes" not in _kind:
        _kind["upsample_kernal_sizes"] = [2 * scale for scale in _scales]


def config_of(kind: str) -> VocoderConfig:
    params = {**_PLAIN, **KINDS[kind]}
    return VocoderConfig.parse({"model_type": "hifigan", "Model": {"Generator": {"params": params}}})


def state_of(config: VocoderConfig) -> dict[str, Tensor]:
    """Of a loudness that keeps the values moving without driving the last tanh to its ends."""
    random = torch.Generator().manual_seed(5)
    state = {
        name: torch.randn(shape, generator=random) * (0.1 if name.endswith("bias") else 1.0)
        for name, shape in Vocoder.expected(config).items()
    }
    return {
        name: tensor.abs() * 0.6 + 0.1 if name.endswith("weight_g") else tensor
        for name, tensor in state.items()
    }


def vocoder_of(kind: str) -> Vocoder:
    config = config_of(kind)
    return Vocoder.from_state(config, state_of(config))


def frames_for(config: VocoderConfig, length: int = 60) -> Tensor:
    """Mels, and where there is a source an F0 that glides, unvoiced now and then."""
    mel = torch.randn(length, config.in_channels, generator=torch.Generator().manual_seed(length))
    if config.nsf is None:
        return mel
    places = torch.arange(length)
    f0, voicing = 180 + 60 * torch.sin(places / 7), (places % 9 > 2).float()
    return torch.cat([mel, f0[:, None], voicing[:, None]], dim=1)
