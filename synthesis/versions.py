"""Two versions of a voice side by side: one on trial with a share of the requests, then promoted or dropped.

Which of the two speaks is decided by the text, so that a text asked for again sounds the same and is found in
the cache, and nobody hears both in one announcement.
"""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.utils.translation import gettext as _

from audit.parties import Actor, Origin, Target
from audit.services import record
from synthesis.errors import VersionRefused
from synthesis.models import Voice


@transaction.atomic
def propose(*, voice: Voice, model: str, actor: Actor, origin: Origin | None) -> None:
    """Puts an installed model beside the one in service, without a request yet. Raises VersionRefused."""
    voice = _locked(voice)
    if model in {voice.model, voice.candidate_model}:
        raise VersionRefused(_("该模型已是音色 %(code)s 的当前或候选版本。") % {"code": voice.code})
    _keep(voice, actor, origin, "voice.candidate_proposed", candidate_model=model, candidate_share=0)


@transaction.atomic
def share(*, voice: Voice, percent: int, actor: Actor, origin: Origin | None) -> None:
    """Gives the candidate so many requests of a hundred. Raises VersionRefused."""
    voice = _locked(voice)
    _require_candidate(voice)
    if not 0 <= percent <= 100:
        raise VersionRefused(_("流量比例应在 0 到 100 之间。"))
    _keep(voice, actor, origin, "voice.candidate_shared", candidate_share=percent)


@transaction.atomic
def promote(*, voice: Voice, actor: Actor, origin: Origin | None) -> None:
    """The candidate speaks all from now on; its forerunner can be called back. Raises VersionRefused."""
    voice = _locked(voice)
    _require_candidate(voice)
    _keep(
        voice, actor, origin, "voice.promoted",
        model=voice.candidate_model, previous_model=voice.model, candidate_model="", candidate_share=0,
    )  # fmt: skip


@transaction.atomic
def roll_back(*, voice: Voice, actor: Actor, origin: Origin | None) -> None:
    """Ends a trial; without one, calls back the version before the last promotion. Raises VersionRefused."""
    voice = _locked(voice)
    changes: dict[str, str | int]
    if voice.candidate_model:
        changes = {"candidate_model": "", "candidate_share": 0}
    elif voice.previous_model:
        changes = {"model": voice.previous_model, "previous_model": voice.model}
    else:
        raise VersionRefused(_("音色 %(code)s 没有可以回退的版本。") % {"code": voice.code})
    _keep(voice, actor, origin, "voice.rolled_back", **changes)


def model_for(voice: Voice, text: str) -> str:
    """The model that speaks this text."""
    if not voice.candidate_share:
        return voice.model
    told = f"{voice.code}\n{voice.candidate_model}\n{text}".encode("utf-8", "surrogatepass")
    draw = int.from_bytes(hashlib.sha256(told).digest()[:8], "big") % 100
    return voice.candidate_model if draw < voice.candidate_share else voice.model


def _locked(voice: Voice) -> Voice:
    """As it stands now: two who decide at once decide one after the other."""
    return Voice.objects.select_for_update().get(pk=voice.pk)


def _require_candidate(voice: Voice) -> None:
    if not voice.candidate_model:
        raise VersionRefused(_("音色 %(code)s 没有候选版本。") % {"code": voice.code})


def _keep(voice: Voice, actor: Actor, origin: Origin | None, action: str, **changes: str | int) -> None:
    before = {name: getattr(voice, name) for name in changes}
    for name, value in changes.items():
        setattr(voice, name, value)
    voice.save(update_fields=list(changes))
    record(
        action=action,
        actor=actor,
        target=Target(type="voice", id=voice.code, name=voice.code),
        origin=origin,
        details={name: [str(before[name]), str(value)] for name, value in changes.items()},
    )
