"""Entries at any point of their way, and how a text is read with them."""

from __future__ import annotations

from typing import Any

from synthesis.lexicon import current, services
from synthesis.lexicon.models import Entry
from synthesis.text import make_script
from tests.portal.broadcasts.cast import Official

WORD: dict[str, Any] = {"word": "单县", "reading": "dan1 xian4"}  # read shan4 xian4 without an entry


def proposed(author: Official, **fields: Any) -> Entry:
    fields = fields if "word" in fields else WORD | fields
    return services.propose(fields=fields, staff=author.staff, origin=None)


def active(author: Official, reviewer: Official, **fields: Any) -> Entry:
    entry = proposed(author, **fields)
    services.approve(entry=entry, staff=reviewer.staff, origin=None)
    current.look_again()  # a test's transaction is not committed: nothing tells this process
    entry.refresh_from_db()
    return entry


def phones(text: str, **places: Any) -> list[str]:
    """The syllables of the text, without breaks, by the lexicon in force."""
    script = make_script(text, lexicon=current.lexicon(**{"voice": "tone"} | places))
    return [phone for phrase in script.phrases for phone in phrase.phones if not phone.startswith("#")]


def state_of(entry: Entry) -> str:
    return Entry.objects.get(pk=entry.pk).state
