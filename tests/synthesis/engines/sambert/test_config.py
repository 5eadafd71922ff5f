"""What a configuration says, and what it may not say."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from synthesis.engines.sambert.config import AcousticConfig, ConfigError, F0Range, VocoderConfig
from tests.synthesis.engines.sambert.tiny_model import MELS, acoustic_document, vocoder_document

ACOUSTIC = "Model.KanTtsSAMBERT.params"
VOCODER = "Model.Generator.params"


def changed(document: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """A copy with another value at a path of dots."""
    copy = deepcopy(document)
    *way, last = path.split(".")
    section = copy
    for key in way:
        section = section[key]
    section[last] = value
    return copy


@pytest.mark.parametrize(
    ("path", "value", "what"),
    [
        (f"{ACOUSTIC}.encoder_kernel", 5, "is not a key we know"),
        ("linguistic_unit.dialect", "x", "is not a key we know"),
        (f"{ACOUSTIC}.num_mels", None, "is missing"),
        (f"{ACOUSTIC}.num_mels", "80", "must be a whole number"),
        (f"{ACOUSTIC}.num_mels", 0, "must be a whole number"),
        (f"{ACOUSTIC}.num_mels", True, "must be a whole number"),
        (f"{ACOUSTIC}.MAS", False, ""),
        (f"{ACOUSTIC}.SE", "yes", "must be true or false"),
        (f"{ACOUSTIC}.decoder_num_heads", 3, "16 units do not part into 3 heads"),
        (f"{ACOUSTIC}.embedding_dim", 15, "must be even"),
        (f"{ACOUSTIC}.predictor_shift", [0, 1], "must hold 1 shifts"),
        (f"{ACOUSTIC}.postnet_filter_size", 6, "cannot keep the length"),
        (f"{ACOUSTIC}.nsf_norm_type", "log", "must be mean_std or global"),
        (f"{ACOUSTIC}.FP", True, "voices that fill pauses with words are not supported"),
        (f"{ACOUSTIC}.using_byte", True, "voices that read bytes are not supported"),
        (
            "linguistic_unit.lfeat_type_list",
            "byte_index,emo_category,speaker_category",
            "voices that read bytes are not supported",
        ),
        ("linguistic_unit.lfeat_type_list", "sy,tone", "must be sy,tone,syllable_flag"),
        ("linguistic_unit.speaker_list", "F7,,M7", "must be different names"),
        ("linguistic_unit.speaker_list", "F7,F7", "must be different names"),
    ],
)
def test_an_acoustic_configuration_names_the_key_that_is_wrong(path: str, value: object, what: str) -> None:
    document = changed(acoustic_document(), path, value)
    if not what:
        assert AcousticConfig.parse(document).mels == MELS
        return
    with pytest.raises(ConfigError) as caught:
        AcousticConfig.parse(document)
    assert caught.value.path.startswith(path)
    assert what in str(caught.value)


@pytest.mark.parametrize(
    ("path", "value", "what"),
    [
        (f"{VOCODER}.resblock", 1, "is not a key we know"),
        (f"{VOCODER}.upsample_kernal_sizes", [11, 8], "must have 3"),
        (f"{VOCODER}.upsample_kernal_sizes", [5, 8, 4], "must be above its scale 5"),
        (f"{VOCODER}.channels", 12, "must halve 3 times"),
        (f"{VOCODER}.resblock_dilations", [[1], [3]], "one list for each residual kernel"),
        (f"{VOCODER}.resblock_kernel_sizes", [4], "must be odd"),
        (f"{VOCODER}.repeat_upsample", False, "only generators that repeat are known"),
        (f"{VOCODER}.nonlinear_activation", "ReLU", "must be LeakyReLU"),
        (f"{VOCODER}.nsf_params", {"nb_harmonics": 7}, "is missing"),
    ],
)
def test_a_vocoder_configuration_names_the_key_that_is_wrong(path: str, value: object, what: str) -> None:
    with pytest.raises(ConfigError) as caught:
        VocoderConfig.parse(changed(vocoder_document(), path, value))
    assert caught.value.path.startswith(path)
    assert what in str(caught.value)


@pytest.mark.parametrize(
    "document", [{}, {"Model": 3}, {"Model": {}, "linguistic_unit": None}, {"model": {}}]
)
def test_what_is_no_configuration_is_said_to_be_none(document: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r"linguistic_unit: is missing"):
        AcousticConfig.parse(document)
    with pytest.raises(ConfigError, match=r"Model"):
        VocoderConfig.parse(document)


def test_a_shift_moves_the_filter_back_layer_by_layer() -> None:
    document = changed(acoustic_document(), f"{ACOUSTIC}.postnet_fsmn_num_layers", 3)
    document = changed(document, f"{ACOUSTIC}.postnet_shift", [0, 2, -1])
    assert AcousticConfig.parse(document).postnet.paddings == ((2, 2), (4, 0), (2, 2))
    document = changed(document, f"{ACOUSTIC}.postnet_filter_size", 41)
    document = changed(document, f"{ACOUSTIC}.postnet_shift", 17)
    assert AcousticConfig.parse(document).postnet.paddings == ((37, 3),) * 3


def test_how_f0_was_normalised() -> None:
    document = acoustic_document(nsf=True)
    assert AcousticConfig.parse(document).f0_range is None
    document = changed(document, f"{ACOUSTIC}.nsf_norm_type", "global")
    assert AcousticConfig.parse(document).f0_range == F0Range(30.0, 730.0)
    document = changed(document, f"{ACOUSTIC}.nsf_f0_global_maximum", 600.0)
    assert AcousticConfig.parse(document).f0_range == F0Range(30.0, 600.0)


def test_a_source_counts_as_two_channels_and_gives_the_sample_rate() -> None:
    config = VocoderConfig.parse(vocoder_document(nsf=True))
    assert (config.mels, config.hop, config.sample_rate) == (MELS + 2, 40, 16_000)
    plain = VocoderConfig.parse(vocoder_document())
    assert (plain.mels, plain.hop, plain.sample_rate) == (MELS, 40, None)
