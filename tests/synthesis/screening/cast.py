"""Word lists at any point of their way, and a word that is forbidden from now on."""

from __future__ import annotations

from typing import Any

from synthesis.screening import current, lists, vault
from synthesis.screening.documents import Document, Pattern, Word
from synthesis.screening.models import ListVersion, WordList
from tests.portal.broadcasts.cast import Official

FIELDS: dict[str, Any] = {"name": "测试词库", "category": "other", "level": "block"}


def forbid(*texts: str, allowed: tuple[str, ...] = (), rules: tuple[Pattern, ...] = (), **fields: Any) -> int:
    """A list in force that holds these words, decided by nobody; returns its number."""
    word_list = WordList.objects.create(is_confidential=fields.pop("confidential", False))
    substitute = fields.pop("substitute", "")
    version = ListVersion(word_list=word_list, state=ListVersion.State.ACTIVE, author_name="测试")
    for name, value in (FIELDS | fields).items():
        setattr(version, name, value)
    words = [Word(text, substitute=substitute) for text in texts]
    vault.put(version, Document(rules=rules).with_words(words).with_allowed(allowed))
    version.full_clean(exclude=["word_list", "content"])
    version.save()
    current.look_again()
    return word_list.pk


def draft(author: Official, *words: str, **fields: Any) -> ListVersion:
    version = lists.create(fields=FIELDS | fields, staff=author.staff, origin=None)
    lists.put_words(version=version, words=[Word(word) for word in words], staff=author.staff, origin=None)
    return now(version)


def pending(author: Official, *words: str, **fields: Any) -> ListVersion:
    version = draft(author, *words, **fields)
    lists.submit(version=version, staff=author.staff, origin=None)
    return now(version)


def in_force(author: Official, approver: Official, *words: str, **fields: Any) -> ListVersion:
    version = pending(author, *words, **fields)
    lists.approve(version=version, staff=approver.staff, origin=None)
    current.look_again()  # a test's transaction is not committed: nothing tells this process
    return now(version)


def now(version: ListVersion) -> ListVersion:
    return ListVersion.objects.select_related("word_list").get(pk=version.pk)
