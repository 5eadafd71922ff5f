"""Makes a complete model folder in the released layout, small enough to speak in milliseconds.

    python -m tests.synthesis.engines.sambert.tiny_model FOLDER

The weights are random, from a fixed seed by each tensor's name: every run writes the same model. Nothing it
says is speech, but every syllable lasts 100 ms, sounds, and sounds otherwise in another tone or emotion.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from torch import Tensor

from synthesis.engines.sambert.acoustic import AcousticModel
from synthesis.engines.sambert.config import AcousticConfig, VocoderConfig
from synthesis.engines.sambert.vocoder import Vocoder

SAMPLE_RATE = 16_000
FRAMES = 20  # of every symbol
HOP = 40  # samples: a frame is 2.5 ms, a syllable two symbols
MELS = 8
SPEAKERS = "F7,F74,FBYN,FRXL,M7,xiaoyu"
VOICES = ("tiny_emo", "tiny_nsf")
LICENCE = "Apache License 2.0"
README = f"""---
license: {LICENCE}
tasks:
- text-to-speech
---
# A tiny model for tests

Random weights. It has never heard anybody.
"""


def make(folder: Path, *, seed: int = 0) -> Path:
    """The folder with two voices: one plain, one with a source of its own (NSF)."""
    voices = folder / "voices"
    voices.mkdir(parents=True)
    (folder / "README.md").write_text(README, encoding="utf-8")
    _write_json(folder / "configuration.json", CONFIGURATION)
    _write_json(voices / "voices.json", {"voices": list(VOICES)})
    _make_voice(voices / VOICES[0], seed, nsf=False)
    _make_voice(voices / VOICES[1], seed + 1, nsf=True)
    return folder


CONFIGURATION: dict[str, Any] = {
    "framework": "pytorch",
    "task": "text-to-speech",
    "model": {"type": "sambert-hifigan", "lang_type": "pinyin", "sample_rate": SAMPLE_RATE},
    "pipeline": {"type": "sambert-hifigan-tts"},
}


def acoustic_document(*, nsf: bool = False) -> dict[str, Any]:
    params = {
        "max_len": 800,
        "embedding_dim": 16,
        "encoder_num_layers": 1, "encoder_num_heads": 2, "encoder_num_units": 16, "encoder_ffn_inner_dim": 16,
        "encoder_dropout": 0.1, "encoder_attention_dropout": 0.1, "encoder_relu_dropout": 0.1,
        "encoder_projection_units": 8, "speaker_units": 4, "emotion_units": 8,
        "predictor_filter_size": 5, "predictor_fsmn_num_layers": 1, "predictor_num_memory_units": 8,
        "predictor_ffn_inner_dim": 16, "predictor_dropout": 0.1, "predictor_shift": 0,
        "predictor_lstm_units": 8,
        "dur_pred_prenet_units": [8, 8], "dur_pred_lstm_units": 8,
        "decoder_prenet_units": [16, 16], "decoder_num_layers": 1, "decoder_num_heads": 2,
        "decoder_num_units": 16, "decoder_ffn_inner_dim": 16, "decoder_dropout": 0.1,
        "decoder_attention_dropout": 0.1, "decoder_relu_dropout": 0.1,
        "outputs_per_step": 5, "num_mels": MELS + 2 * nsf,
        "postnet_filter_size": 5, "postnet_fsmn_num_layers": 1, "postnet_num_memory_units": 8,
        "postnet_ffn_inner_dim": 16, "postnet_dropout": 0.1, "postnet_shift": 1, "postnet_lstm_units": 8,
        "MAS": False,
    }  # fmt: skip
    unit = {
        "cleaners": "english_cleaners",
        "lfeat_type_list": "sy,tone,syllable_flag,word_segment,emo_category,speaker_category",
        "speaker_list": SPEAKERS,
    }
    model = {"KanTtsSAMBERT": {"params": params | ({"NSF": True} if nsf else {})}}
    return {"model_type": "sambert", "Model": model, "linguistic_unit": unit}


def vocoder_document(*, nsf: bool = False) -> dict[str, Any]:
    params: dict[str, Any] = {
        "in_channels": MELS,
        "out_channels": 1,
        "channels": 16,
        "kernel_size": 7,
        "upsample_scales": [5, 4, 2],
        "upsample_kernal_sizes": [11, 8, 4],
        "resblock_kernel_sizes": [3],
        "resblock_dilations": [[1, 3]],
        "bias": True,
        "causal": False,
        "nonlinear_activation": "LeakyReLU",
        "nonlinear_activation_params": {"negative_slope": 0.1},
        "use_weight_norm": True,
    }
    if nsf:
        params["nsf_params"] = {"nb_harmonics": 3, "sampling_rate": SAMPLE_RATE}
    return {"model_type": "hifigan", "Model": {"Generator": {"params": params}}}


def acoustic_state(document: Mapping[str, Any], seed: int) -> dict[str, Tensor]:
    config = AcousticConfig.parse(document)
    shapes = AcousticModel.expected(config, AcousticModel.table_sizes(config, {}))
    state = {name: _fill(seed, name, shape) for name, shape in shapes.items()}
    duration = "variance_adaptor.duration_predictor.fc"
    state[f"{duration}.weight"].zero_()
    state[f"{duration}.bias"].fill_(math.log(FRAMES + 1))
    return state


def vocoder_state(document: Mapping[str, Any], seed: int) -> dict[str, Tensor]:
    shapes = Vocoder.expected(VocoderConfig.parse(document))
    return {name: _fill(seed, name, shape) for name, shape in shapes.items()}


def _make_voice(home: Path, seed: int, *, nsf: bool) -> None:
    acoustic, vocoder = acoustic_document(nsf=nsf), vocoder_document(nsf=nsf)
    features = {"sampling_rate": SAMPLE_RATE, "hop_length": HOP, "n_mels": MELS}
    _write_yaml(home / "audio_config.yaml", {"audio_config": features})
    _write_yaml(home / "am" / "config.yaml", acoustic)
    _write_yaml(home / "voc" / "config.yaml", vocoder)
    # Training leaves earlier checkpoints, and files of runs that were broken off.
    for number, offset in ((0, 0), (90, 100)):
        acoustic_weights = acoustic_state(acoustic, seed + offset)
        vocoder_weights = vocoder_state(vocoder, seed + offset)
        save_acoustic(home / "am" / "ckpt" / f"checkpoint_{number}.pth", acoustic_weights)
        save_vocoder(home / "voc" / "ckpt" / f"checkpoint_{number}.pth", vocoder_weights)
    (home / "am" / "ckpt" / "checkpoint-99.pth").write_bytes(b"broken off")
    if nsf:
        np.save(home / "am" / "mvn.npy", np.array([[200.0], [40.0]], np.float32))


def save_acoustic(path: Path, state: Mapping[str, Tensor]) -> None:
    _save(path, dict(state))


def save_vocoder(path: Path, state: Mapping[str, Tensor]) -> None:
    _save(path, {"generator": dict(state), "discriminator": {"first": {"weight": torch.zeros(2)}}})


def _save(path: Path, model: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    training = {"optimizer": {"lr": 1e-3}, "scheduler": {"last_epoch": np.float64(7)}, "steps": 7}
    torch.save({"model": dict(model), **training}, path)


def _fill(seed: int, name: str, shape: tuple[int, ...]) -> Tensor:
    """Values of a spread that keeps signals alive through the layers, by the kind of tensor."""
    draw = np.random.default_rng(list(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:8]))
    if "layer_norm.weight" in name or name.endswith((".ln.weight", "weight_g")):
        values = draw.uniform(0.8, 1.2, shape)
    else:
        inputs = math.prod(shape[1:]) if len(shape) > 1 else 4
        spread = 1.0 if "tokenizer" in name or "_emb.weight" in name else math.sqrt(3 / inputs)
        values = draw.uniform(-spread, spread, shape)
    return torch.from_numpy(np.asarray(values, np.float32))


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")


def _write_yaml(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
