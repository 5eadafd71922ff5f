"""States as staff read them: never by colour alone, each has an icon and a word."""

from __future__ import annotations

from dataclasses import dataclass

from govvoice.broadcasts.models import Broadcast
from synthesis.models import Rendition


@dataclass(frozen=True, slots=True)
class Badge:
    """`colour` and `icon` are those of the template tag `tag`."""

    word: str
    colour: str
    icon: str


_BROADCAST = {
    Broadcast.State.DRAFT: ("grey", "edit"),
    Broadcast.State.IN_REVIEW: ("amber", "stamp"),
    Broadcast.State.RETURNED: ("orange", "return"),
    Broadcast.State.APPROVED: ("blue", "check"),
    Broadcast.State.PUBLISHED: ("green", "air"),
    Broadcast.State.WITHDRAWN: ("red", "ban"),
}
_RENDITION = {
    Rendition.State.QUEUED: ("grey", "clock"),
    Rendition.State.MAKING: ("blue", "sound"),
    Rendition.State.READY: ("green", "check"),
    Rendition.State.FAILED: ("red", "warning"),
}


def broadcast_badge(state: str) -> Badge:
    state = Broadcast.State(state)
    return Badge(str(state.label), *_BROADCAST[state])


def rendition_badge(rendition: Rendition) -> Badge:
    state = Rendition.State(rendition.state)
    word = str(state.label)
    if state == Rendition.State.MAKING:
        word = f"{word} {rendition.progress}%"
    return Badge(word, *_RENDITION[state])


def kilobytes(size: int) -> str:
    return f"{size / 1024:.0f} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"
