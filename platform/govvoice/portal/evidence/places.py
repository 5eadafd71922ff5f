"""A place in the list as it stands in an address, and what an export would weigh."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from audit.exports.tables import csv_lines
from audit.selectors import EventFilter, Place

_SAMPLE = 200


def write_place(place: Place) -> str:
    return f"{place.at.isoformat()}~{place.id}"


def read_place(text: str) -> Place | None:
    """None for what was never written by `write_place`: the list then starts at the top."""
    at, _, number = text.partition("~")
    try:
        return Place(at=datetime.fromisoformat(at), id=int(number))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Estimate:
    """How much an export would hold; `size` in bytes of CSV, from the newest lines' mean."""

    rows: int
    size: int


def estimate(wanted: EventFilter) -> Estimate:
    events = wanted.queryset()
    rows = events.count()
    heading, *lines = (len(line) for line in csv_lines(events[:_SAMPLE]))
    mean = sum(lines) / len(lines) if lines else 0
    return Estimate(rows=rows, size=heading + round(mean * rows))
