"""What the portal shows of one voice beyond its row: versions, emotions to be heard, who has it loaded."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from synthesis import presence
from synthesis.casting import engine_of
from synthesis.engines.base import EngineNotInstalled
from synthesis.engines.sambert import snapshot
from synthesis.engines.sambert.snapshot import VoiceRecord
from synthesis.errors import SpeechUnavailable
from synthesis.installation import ENGINE, root
from synthesis.models import Voice
from synthesis.presence import Told, Worker


@dataclass(frozen=True, slots=True)
class Version:
    """A model under this voice: its part, what its engine calls it, and whether it is here."""

    part: str
    model: str
    version: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """An emotion with the addresses of its samples; `candidate` is empty without one on trial."""

    code: str
    name: str
    is_offered: bool
    sample: str
    candidate: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A worker's state of one version, ready to be shown; `colour` is that of a tag."""

    worker: str
    version: str
    label: str
    colour: str
    place: str
    megabytes: float
    seconds: float
    failure: str


def facts(voice: Voice) -> dict[str, Any]:
    """By the names the template uses."""
    told = presence.workers()
    return {
        "versions": list(_versions(voice)),
        "heard": list(_heard(voice)),
        "standings": list(_standings(voice, told)),
        "cards": [
            worker for worker in told if worker.counts.get("on_card") or worker.counts.get("card_failures")
        ],
        "licence_text": _licence(voice),
        "measured": _measured(voice),
        "is_versioned": voice.engine == ENGINE,
    }


def _versions(voice: Voice) -> Iterator[Version]:
    parts = (
        (_("当前"), voice.model),
        (_("候选"), voice.candidate_model),
        (_("上一版本"), voice.previous_model),
    )
    for part, model in parts:
        if model or part == parts[0][0]:
            told = _version(voice, model)
            yield Version(part, model or voice.engine, told, bool(told))


def _version(voice: Voice, model: str) -> str:
    """What the engine calls this version, empty when it is not installed here."""
    tried = copy(voice)
    tried.model = model
    try:
        return engine_of(tried).version
    except SpeechUnavailable:
        return ""


def _heard(voice: Voice) -> Iterator[Heard]:
    for row in voice.voiceemotion_set.select_related("emotion"):
        address = reverse("admin:voice-sample", args=[voice.pk, row.emotion.code])
        candidate = f"{address}?version=candidate" if voice.candidate_model else ""
        yield Heard(row.emotion.code, str(row.emotion), row.is_active, address, candidate)


def _standings(voice: Voice, told: list[Worker]) -> Iterator[Standing]:
    for worker in told:
        for model in dict.fromkeys((voice.model, voice.candidate_model)):
            if model or not voice.model:
                yield _standing(worker.name, worker.of(voice.engine, model), model or voice.engine)


def _standing(worker: str, told: Told | None, model: str) -> Standing:
    if told is None or not (told.devices or told.failure):
        return Standing(worker, model, _("首次使用时加载"), "grey", "—", 0.0, 0.0, "")
    if told.failure:
        return Standing(worker, model, _("加载失败"), "red", "—", 0.0, 0.0, told.failure)
    place = "、".join(told.devices)
    return Standing(worker, model, _("已加载"), "green", place, told.bytes / 1e6, told.seconds, "")


def _record(voice: Voice) -> tuple[snapshot.Snapshot, VoiceRecord] | None:
    if voice.engine != ENGINE:
        return None
    name, _slash, inside = voice.model.partition("/")
    try:
        installed = snapshot.read_snapshot(root() / name)
    except EngineNotInstalled:
        return None
    record = installed.voices.get(inside)
    return (installed, record) if record else None


def _licence(voice: Voice) -> str:
    found = _record(voice)
    return found[0].licence_text if found else ""


def _measured(voice: Voice) -> list[tuple[str, str]]:
    found = _record(voice)
    if not found:
        return []
    settings, figures = found[1].settings, found[1].measured
    way = f"{settings.runtime}.{settings.precision}"
    rows = [(_("声码器"), f"{settings.runtime}，{settings.precision}")]
    if "rtf" in figures:
        rows.append((_("登记时实测实时率（单线程，整句）"), f"{figures['rtf']:.3f}"))
    if "lufs" in figures:
        rows.append((_("登记时实测中性响度"), f"{figures['lufs']:.1f} LUFS"))
    if f"{way}.snr" in figures and settings.precision != "fp32":
        rows.append((_("与 fp32 相比的信噪比"), f"{figures[f'{way}.snr']:.1f} dB"))
    return rows
