"""Sambert models on this machine: looked through, installed, and enrolled as voices, or taken away again."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.utils.translation import gettext as _

from audit.parties import Actor, Origin
from synthesis import enrolment
from synthesis.audio import integrated_loudness
from synthesis.engines.sambert import emotions, hub, installing, snapshot
from synthesis.engines.sambert.folder import ModelFolder, open_folder
from synthesis.engines.sambert.snapshot import Snapshot, VoiceRecord
from synthesis.enrolment import NewVoice, Outcome, Person
from synthesis.errors import EnrolmentRefused
from synthesis.models import Speaker, Voice

if TYPE_CHECKING:
    from synthesis.engines.sambert.examining import Report

ENGINE: Final = "sambert"
_LIVE_RTF: Final = 0.5  # seconds of work a second of sound: slower, and a caller would wait for it
_FETCHES: Final = ".fetching"
# Names that released voices are known by, and how they are heard; operators may say otherwise.
_PEOPLE: Final = {
    "zhibei": ("知北", "child"),
    "zhitian": ("知甜", "female"),
    "zhiyan": ("知雁", "female"),
    "zhizhe": ("知哲", "male"),
}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an operator says of the voices to be added; empty is as the model has it.

    `voices`: which of the model's. `code`, `name` and `gender` go with a single one.
    """

    voices: tuple[str, ...] = ()
    code: str = ""
    name: str = ""
    gender: str = ""
    speaker: str = ""
    speed: str = ""
    runtime: str = "auto"
    precision: str = "fp32"


@dataclass(frozen=True, slots=True)
class Added:
    """One voice, and what became of it."""

    voice: Voice
    outcome: Outcome
    installed: Snapshot
    record: VoiceRecord


def root() -> Path:
    """Where installed models lie."""
    folder = settings.VOICES_DIR / ENGINE
    folder.mkdir(parents=True, exist_ok=True)
    return Path(folder)


def fetch(model_id: str, *, revision: str, endpoint: str | None, progress: hub.Progress) -> hub.Fetched:
    """Brings a model here, not yet installed. Raises FetchError."""
    return hub.fetch(
        model_id, under=root() / _FETCHES, revision=revision, endpoint=endpoint, progress=progress
    )


def drop_fetched(fetched: hub.Fetched) -> None:
    """What was fetched is installed now."""
    shutil.rmtree(fetched.folder, ignore_errors=True)


def examine(folder: Path) -> Report:
    """Everything that is wrong with a folder. Raises FolderError when it is no model at all."""
    from synthesis.engines.sambert.examining import examine as look_through

    return look_through(folder)


def add(
    folder: Path, *, source: str, revision: str, wishes: Wishes, actor: Actor, origin: Origin | None
) -> list[Added]:
    """Installs a folder that was looked through, and enrols its voices.

    Raises EngineNotInstalled for files that cannot be installed, EnrolmentRefused, ValidationError.
    """
    model = open_folder(folder)
    chosen = _chosen(model, wishes)
    _require_people(chosen, wishes)
    installed = installing.install_folder(folder, root(), source=source, revision=revision)
    return [_add_voice(installed, name, wishes, actor, origin) for name in chosen]


def enrol_installed(name: str, *, wishes: Wishes, actor: Actor, origin: Origin | None) -> list[Added]:
    """Enrols the voices of an installed model. Raises as `add` does."""
    installed = snapshot.read_snapshot(root() / name)
    chosen = _chosen(open_folder(root() / name / snapshot.MODEL), wishes)
    _require_people(chosen, wishes)
    return [_add_voice(installed, voice, wishes, actor, origin) for voice in chosen]


def installed() -> Iterator[Snapshot]:
    """By name."""
    return snapshot.snapshots(root())


def remove_voice(voice: Voice, *, actor: Actor, origin: Origin | None) -> list[str]:
    """Retires a voice and deletes models no voice needs any more: their names. Raises EnrolmentRefused."""
    mine = {name.split("/")[0] for name in (voice.model, voice.candidate_model, voice.previous_model) if name}
    enrolment.retire(voice=voice, actor=actor, origin=origin)
    return [name for name in sorted(mine) if discard_unused(name)]


def discard_unused(name: str) -> bool:
    """Deletes an installed model, unless a voice in service speaks with it, tries it or may call it back."""
    home = root() / name
    used = {model.split("/")[0] for model in enrolment.models_in_use(ENGINE)}
    if name in used or not (home / snapshot.MANIFEST).is_file():
        return False
    snapshot.discard(home)
    return True


def _add_voice(installed: Snapshot, name: str, wishes: Wishes, actor: Actor, origin: Origin | None) -> Added:
    kept = installed
    # One that is in service already is not changed under those who speak with it.
    if f"{installed.name}/{name}" not in enrolment.models_in_use(ENGINE):
        kept = _tune(installed, name, wishes)
    new = _new_voice(kept, name, wishes)
    outcome = enrolment.enrol(new=new, actor=actor, origin=origin)
    voice = Voice.objects.select_related("speaker").get(code=new.code)
    return Added(voice, outcome, kept, kept.voices[name])


def _tune(installed: Snapshot, name: str, wishes: Wishes) -> Snapshot:
    """Tries on this machine how the voice is best spoken, and writes it down."""
    from synthesis.engines.sambert.tuning import tune

    home = root() / installed.name
    record = installed.voices[name]
    tuned = tune(
        open_folder(home / snapshot.MODEL).voice(name),
        replace(record.settings, speaker=wishes.speaker),
        runtime=wishes.runtime,
        precision=wishes.precision,
        sample_rate=record.sample_rate,
        meter=lambda samples, rate: integrated_loudness(samples, sample_rate=rate),
        threads=settings.SAMBERT_THREADS,
    )
    return snapshot.change_settings(home, name, tuned.settings, tuned.measured)


def _new_voice(installed: Snapshot, name: str, wishes: Wishes) -> NewVoice:
    record: VoiceRecord = installed.voices[name]
    fast = record.measured.get("rtf", 0.0) <= _LIVE_RTF
    return NewVoice(
        code=wishes.code or code_of(name),
        person=_person(name, wishes),
        engine=ENGINE,
        model=f"{installed.name}/{name}",
        sample_rate=record.sample_rate,
        speed_class=wishes.speed or (Voice.SpeedClass.LIVE if fast else Voice.SpeedClass.BROADCAST),
        licence=(installed.licence or _("模型未说明许可"))[:200],
        provenance=_provenance(installed)[:300],
        emotions=tuple(emotions.SYMBOLS),
        proven=emotions.proven(name),
    )


def _provenance(installed: Snapshot) -> str:
    return f"{installed.source}@{installed.revision}" if installed.revision else installed.source


def code_of(name: str) -> str:
    """A voice's name as API callers write it."""
    return re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-")


def _person(name: str, wishes: Wishes) -> Person:
    code = (wishes.code or code_of(name)).removesuffix("_emo")[:32]
    known, gender = _PEOPLE.get(code, (code, ""))
    return Person(
        code=code, name=wishes.name or known, gender=wishes.gender or gender, name_en=code.capitalize()
    )


def _chosen(model: ModelFolder, wishes: Wishes) -> Sequence[str]:
    chosen = wishes.voices or model.voices
    if unknown := [name for name in chosen if name not in model.voices]:
        raise EnrolmentRefused(
            _("模型中没有音色 %(name)s，可选：%(there)s。")
            % {"name": unknown[0], "there": "、".join(model.voices)}
        )
    if len(chosen) > 1 and (wishes.code or wishes.name):
        raise EnrolmentRefused(_("模型含多个音色，--code 与 --name 须与 --voice 一起使用。"))
    return chosen


def _require_people(chosen: Sequence[str], wishes: Wishes) -> None:
    """Before anything is copied: a speaker nobody knows needs his gender told."""
    for name in chosen:
        person = _person(name, wishes)
        if not person.gender and not Speaker.objects.filter(code=person.code).exists():
            raise EnrolmentRefused(
                _("请用 --gender 说明音色 %(name)s 的性别（按听感）：female、male 或 child。")
                % {"name": name}
            )
