"""What the keys of hits stand for, for staff who may open the lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from synthesis.screening import vault
from synthesis.screening.current import key_of
from synthesis.screening.documents import Pattern, form_of
from synthesis.screening.models import ListVersion, WordList


@dataclass(frozen=True, slots=True)
class Label:
    """A word or rule by its list. Of a confidential list only the list is named."""

    list_name: str
    version: ListVersion
    entry: str | Pattern
    reason: str
    basis: str


def labels(keys: Iterable[str]) -> dict[str, Label]:
    """The keys that are in a list as it stands now; words that were removed since are not."""
    wanted = set(keys)
    numbers = {int(key.partition(":")[0]) for key in wanted}
    found: dict[str, Label] = {}
    for word_list in WordList.objects.filter(pk__in=numbers):
        version = word_list.in_force or word_list.newest
        found |= {key: label for key, label in _labels(version).items() if key in wanted}
    return found


def _labels(version: ListVersion) -> dict[str, Label]:
    document = vault.take(version)
    hidden = version.word_list.is_confidential
    told: dict[str, Label] = {}
    for word in document.words:
        entry = "" if hidden else word.text
        label = Label(
            version.name, version, entry, word.reason or version.reason, word.basis or version.basis
        )
        told[key_of(version, form_of(word.text))] = label
    for rule in document.rules:
        label = Label(version.name, version, rule, rule.reason or version.reason, version.basis)
        told[key_of(version, rule.key)] = label
    return told
