"""Our networks behind the functions the parity checker calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from synthesis.engines.sambert import labels, prosody_text
from synthesis.engines.sambert.acoustic import AcousticModel, F0Statistics, Utterance
from synthesis.engines.sambert.config import AcousticConfig, VocoderConfig
from synthesis.engines.sambert.folder import open_folder
from synthesis.engines.sambert.networks import open_networks
from synthesis.engines.sambert.snapshot import Settings
from synthesis.engines.sambert.vocoder import Vocoder

Floats = NDArray[np.float32]
_UNUSED_F0 = F0Statistics(mean=0.0, deviation=1.0)  # what is compared comes before F0 is restored


@torch.inference_mode()
def acoustic(
    config: dict[str, Any], state: dict[str, Floats], ids: NDArray[np.int64], se: Floats | None
) -> dict[str, Any]:
    tensors = {name: torch.from_numpy(value) for name, value in state.items()}
    model = AcousticModel.from_state(AcousticConfig.parse(config), tensors, f0=_UNUSED_F0)
    speaker = None if se is None else torch.from_numpy(se)
    utterance = Utterance(torch.from_numpy(ids).long(), speaker=speaker)
    [reading] = model.read([utterance])
    [timing] = model.time([reading], [utterance])
    memory = model.remember(reading, timing)
    [before] = model.decode([memory], [timing])
    [after] = model.mel_postnet([before])
    found = {
        "text_hid": reading.text,
        "pitch": reading.pitch,
        "energy": reading.energy,
        "log_durations": timing.logarithms,
        "durations": timing.frames,
        "lr_text": memory.text,
        "memory": memory.memory,
        "mel_before": before,
        "mel_after": after,
    }
    return {name: tensor.numpy() for name, tensor in found.items()} | {"band_width": [timing.band] * 2}


def vocode(
    config: dict[str, Any],
    state: dict[str, Floats],
    mel: Floats,
    phase: Floats | None,
    noise: Floats | None,
) -> Floats:
    tensors = {name: torch.from_numpy(value) for name, value in state.items()}
    vocoder = Vocoder.from_state(VocoderConfig.parse(config), tensors)
    given = None if phase is None or noise is None else _draw(phase, noise)
    sound: Floats = vocoder(torch.from_numpy(mel), given=given).numpy()
    return sound


def encode(config: dict[str, Any], label_line: str) -> list[list[int]]:
    linguistic = AcousticConfig.parse(config).linguistic
    return labels.close(labels.encode(labels.parse_labels(label_line), linguistic), linguistic)


def script_to_label(prosody: str, pron: str, emotion: str, speaker: str) -> str:
    return prosody_text.label_script(prosody, pron, emotion=emotion, speaker=speaker)


def synthesize_dir(
    model_dir: str,
    voice: str,
    label_lines: list[str],
    phases: list[Floats] | None,
    noises: list[Floats] | None,
) -> NDArray[np.int16]:
    """Line after line with nothing between, as the released pipeline joins them."""
    networks = open_networks(open_folder(Path(model_dir)).voice(voice), Settings())
    lines = [labels.parse_labels(line) for line in label_lines]
    if phases is None or noises is None:
        sounds = [networks.say(line) for line in lines]
    else:
        draws = [_draw(*pair) for pair in zip(phases, noises, strict=True)]
        sounds = [networks.say(line, given=draw) for line, draw in zip(lines, draws, strict=True)]
    # Towards zero, as the released pipeline does it; 1.0 itself would wrap.
    return np.clip(np.concatenate(sounds) * 32768, -32768, 32767).astype(np.int16)


def _draw(phase: Floats, noise: Floats) -> tuple[torch.Tensor, torch.Tensor]:
    """First phases [harmonics] and noise [n, harmonics], from [1, harmonics, 1] and [1, harmonics, n]."""
    return torch.from_numpy(phase).flatten(), torch.from_numpy(noise)[0].T
