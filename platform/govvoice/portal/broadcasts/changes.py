"""What a reviewer wants to see first: how this revision differs from the last one that was approved."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from govvoice.broadcasts.models import Revision
from govvoice.portal.broadcasts.forms import BroadcastForm
from govvoice.portal.desk.voices import category_names, emotion_names, speaker_names


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that is `same`, `added` or `removed`."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Changed:
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    number: int
    pieces: tuple[Piece, ...]
    settings: tuple[Changed, ...]

    @property
    def is_empty(self) -> bool:
        return not self.settings and all(piece.kind == "same" for piece in self.pieces)


def since_approval(revision: Revision) -> Difference | None:
    """Against the last approved revision before this one; None when there is none."""
    approved = (
        Revision.objects.filter(broadcast=revision.broadcast, number__lt=revision.number)
        .exclude(approved_sha256="")
        .order_by("-number")
        .first()
    )
    if approved is None:
        return None
    return Difference(approved.number, compare(approved.text, revision.text), _settings(approved, revision))


def compare(before: str, after: str) -> tuple[Piece, ...]:
    """The two texts as one, character by character: Chinese has no spaces to compare words by."""
    pieces: list[Piece] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", before[i:j]))
            continue
        pieces += [
            Piece(kind, text) for kind, text in (("removed", before[i:j]), ("added", after[k:m])) if text
        ]
    return tuple(pieces)


def delivery_of(revision: Revision) -> dict[str, str]:
    """How it is spoken, label to value, as shown to staff."""
    names = {
        "category": category_names().get(revision.category, revision.category),
        "voice": speaker_names().get(revision.voice, revision.voice),
        "emotion": emotion_names().get(revision.emotion, revision.emotion),
        "intensity": f"{revision.intensity:g}",
        "rate": f"{revision.rate:g} ×",
        "pitch": _("%(steps)s 半音") % {"steps": f"{revision.pitch:+g}" if revision.pitch else "0"},
        "volume": str(revision.volume),
    }
    return {str(BroadcastForm.base_fields[name].label): value for name, value in names.items()}


def _settings(before: Revision, after: Revision) -> tuple[Changed, ...]:
    old, new = delivery_of(before), delivery_of(after)
    return tuple(Changed(label, old[label], new[label]) for label in new if old[label] != new[label])
