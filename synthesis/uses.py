"""What names a voice: defaults, drafts, readings; and putting another voice in its place.

Each room says what of its own names a voice, so that this one need not know the rooms above it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.functional import Promise

from accounts.models import Staff
from audit.parties import Origin
from synthesis.models import Voice


@dataclass(frozen=True, slots=True)
class Use:
    """One thing that names the voice. `note` says as what; `is_handed_on`: a successor takes it over.

    `title` is content of an office, for its own staff only: the system administrator reads `name`.
    `organisation` is the code of whose it is, empty where it belongs to nobody or to everybody.
    """

    name: str
    title: str = ""
    note: str = ""
    organisation: str = ""
    is_handed_on: bool = True


@dataclass(frozen=True, slots=True)
class Handover:
    """Who speaks in whose place, and who decided it."""

    old: Voice
    new: Voice
    staff: Staff
    origin: Origin | None


Find = Callable[[Voice], Iterator[Use]]
Replace = Callable[[Handover], None]


@dataclass(frozen=True, slots=True)
class Room:
    """A kind of thing that names voices. `permission` is what lets staff read the things themselves."""

    label: str | Promise
    find: Find
    replace: Replace
    permission: str


@dataclass(frozen=True, slots=True)
class Group:
    """All uses of one kind, at least one."""

    room: Room
    uses: tuple[Use, ...]


_rooms: dict[str, Room] = {}


def register(kind: str, room: Room) -> None:
    _rooms[kind] = room


def of(voice: Voice) -> list[Group]:
    """Everything that names the voice, by kind; kinds without any are left out."""
    groups = (Group(room, tuple(room.find(voice))) for room in _rooms.values())
    return [group for group in groups if group.uses]


def hand_on(handover: Handover) -> None:
    """Puts the new voice everywhere in the old one's place; call inside a transaction.

    Each thing changed leaves one event. Raises what the rooms raise, and then nothing was changed.
    """
    for room in _rooms.values():
        room.replace(handover)
