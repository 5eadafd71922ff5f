"""What one version of a word list holds, as one document: words, allowances and rules. Knows no Django."""

from __future__ import annotations

import hashlib
import json
import unicodedata
import zlib
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

_Item = TypeVar("_Item")
_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a list; an empty `level`, `reason` or `basis` is the list's own, a missing date is open."""

    text: str
    level: str = ""
    substitute: str = ""
    reason: str = ""
    basis: str = ""
    since: date | None = None
    until: date | None = None

    def is_in_effect(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A rule beside words: its kind and parameters are those of synthesis.screening.verdicts.Rule."""

    kind: str
    parameters: Mapping[str, Any]
    level: str = ""
    reason: str = ""

    @property
    def key(self) -> str:
        return f"{self.kind} {json.dumps(self.parameters, ensure_ascii=False, sort_keys=True)}"


@dataclass(frozen=True)
class Document:
    """`words` and `allowed` are in the order of their characters and hold nothing twice."""

    words: tuple[Word, ...] = ()
    allowed: tuple[str, ...] = ()
    rules: tuple[Pattern, ...] = ()

    @cached_property
    def by_form(self) -> dict[str, Word]:
        """The words by what makes two of them one."""
        return {form_of(word.text): word for word in self.words}

    def with_words(self, words: Iterable[Word]) -> Document:
        """These words added, or in the place of those that they are forms of."""
        merged = self.by_form | {form_of(word.text): word for word in words}
        return replace(self, words=_ordered(merged))

    def without_words(self, texts: Iterable[str]) -> Document:
        gone = {form_of(text) for text in texts}
        return replace(self, words=tuple(word for word in self.words if form_of(word.text) not in gone))

    def with_allowed(self, texts: Iterable[str]) -> Document:
        """Exactly these allowances."""
        forms = {form_of(text): text for text in reversed(list(texts))}
        return replace(self, allowed=tuple(forms[form] for form in sorted(forms)))

    def with_rule(self, rule: Pattern) -> Document:
        others = tuple(other for other in self.rules if other.key != rule.key)
        return replace(self, rules=tuple(sorted((*others, rule), key=lambda one: one.key)))

    def without_rule(self, key: str) -> Document:
        return replace(self, rules=tuple(rule for rule in self.rules if rule.key != key))


@dataclass(frozen=True, slots=True)
class Difference:
    """From one document to the next; `changed` holds pairs of before and after."""

    added: tuple[Word, ...]
    removed: tuple[Word, ...]
    changed: tuple[tuple[Word, Word], ...]
    allowed_added: tuple[str, ...]
    allowed_removed: tuple[str, ...]
    rules_added: tuple[Pattern, ...]
    rules_removed: tuple[Pattern, ...]

    @property
    def is_empty(self) -> bool:
        return not any(getattr(self, one.name) for one in fields(self))


def compare(before: Document, after: Document) -> Difference:
    old, new = before.by_form, after.by_form
    was, now = ({form_of(text): text for text in one.allowed} for one in (before, after))
    # A rule whose level or reason changed is another rule: staff read it as one gone and one come.
    ruled, rules = (
        {(rule.key, rule.level, rule.reason): rule for rule in one.rules} for one in (before, after)
    )
    return Difference(
        added=_beside(new, old),
        removed=_beside(old, new),
        changed=tuple((old[form], word) for form, word in new.items() if form in old and old[form] != word),
        allowed_added=_beside(now, was),
        allowed_removed=_beside(was, now),
        rules_added=_beside(rules, ruled),
        rules_removed=_beside(ruled, rules),
    )


def form_of(text: str) -> str:
    """What makes two spellings one entry of a list: width and case do not."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def write(document: Document) -> bytes:
    """The document as bytes for keeping: canonical JSON, deflated."""
    return zlib.compress(_canonical(document), 6)


def read(data: bytes) -> Document:
    """Raises ValueError for bytes that `write` did not make."""
    try:
        held = json.loads(zlib.decompress(data))
        return Document(
            words=tuple(_word(one) for one in held["words"]),
            allowed=tuple(held["allowed"]),
            rules=tuple(Pattern(**one) for one in held["rules"]),
        )
    except (zlib.error, KeyError, TypeError) as error:
        raise ValueError("not a document of a word list") from error


def digest_of(document: Document) -> str:
    """SHA-256 of the canonical form, in hex."""
    return hashlib.sha256(_canonical(document)).hexdigest()


def _canonical(document: Document) -> bytes:
    held = {
        "words": [_lean(word) for word in document.words],
        "allowed": list(document.allowed),
        "rules": [asdict(rule) for rule in document.rules],
    }
    return json.dumps(held, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _lean(word: Word) -> dict[str, str]:
    """Only what is said of the word: most of a hundred thousand have nothing but a text."""
    told = {one.name: getattr(word, one.name) for one in fields(word)}
    return {
        name: value if isinstance(value, str) else value.isoformat() for name, value in told.items() if value
    }


def _word(held: dict[str, str]) -> Word:
    if len(held) == 1:
        return Word(held["text"])
    values: dict[str, Any] = dict(held)
    values |= {name: date.fromisoformat(held[name]) for name in ("since", "until") if name in held}
    return Word(**values)


def _ordered(words: Mapping[str, Word]) -> tuple[Word, ...]:
    return tuple(words[form] for form in sorted(words))


def _beside(one: Mapping[_Key, _Item], other: Mapping[_Key, _Item]) -> tuple[_Item, ...]:
    """What one has and the other has not."""
    return tuple(item for key, item in one.items() if key not in other)
