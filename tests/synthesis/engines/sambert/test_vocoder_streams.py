"""Sound leaves in chunks that join to the whole."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from synthesis.engines.sambert.chunks import FIRST, LARGEST
from synthesis.engines.sambert.vocoder import Vocoder
from tests.synthesis.engines.sambert.tiny_vocoders import KINDS, frames_for, vocoder_of

LENGTH = 500  # frames: more than the largest chunk and any reach


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("arriving", [1, 7, 130, LENGTH])
def test_chunks_join_to_the_whole(kind: str, arriving: int) -> None:
    vocoder = vocoder_of(kind)
    mel = frames_for(vocoder.config, LENGTH)
    chunks = list(vocoder.stream(mel.split(arriving), seed=4))
    assert len(chunks) >= LENGTH / LARGEST
    torch.testing.assert_close(torch.cat(chunks), vocoder(mel, seed=4), atol=5e-6, rtol=0)


@pytest.mark.parametrize("length", [1, FIRST, FIRST + 1, 3 * FIRST])
def test_a_short_utterance_streams_whole(length: int) -> None:
    vocoder = vocoder_of("non-causal with a source")
    mel = frames_for(vocoder.config, length)
    joined = torch.cat(list(vocoder.stream([mel])))
    torch.testing.assert_close(joined, vocoder(mel), atol=5e-6, rtol=0)


def test_nothing_streams_as_nothing() -> None:
    assert list(vocoder_of("causal").stream([])) == []


def test_a_causal_voice_speaks_before_all_frames_are_there() -> None:
    assert taken_for_the_first_chunk(vocoder_of("causal")) == FIRST


def test_a_non_causal_voice_waits_as_far_as_it_hears() -> None:
    vocoder = vocoder_of("non-causal")
    assert vocoder.reach.before == vocoder.reach.after > 0
    assert taken_for_the_first_chunk(vocoder) == FIRST + vocoder.reach.after


def taken_for_the_first_chunk(vocoder: Vocoder) -> int:
    taken = []

    def frames() -> Iterator[Tensor]:
        for frame in frames_for(vocoder.config).split(1):
            taken.append(frame)
            yield frame

    first = next(vocoder.stream(frames()))
    assert len(first) == FIRST * vocoder.config.hop
    return len(taken)


def test_a_reach_is_no_wider_than_needed() -> None:
    vocoder = vocoder_of("causal")
    mel = frames_for(vocoder.config, 200)
    changed = mel.clone()
    changed[100] += 1
    hop = vocoder.config.hop
    differs = (vocoder(mel) != vocoder(changed)).reshape(-1, hop).any(1).nonzero().flatten()
    assert differs.min() == 100
    assert vocoder.reach.before - 2 <= differs.max() - 100 <= vocoder.reach.before
