"""The documents of list versions, put away and taken out: a confidential list's only with the key."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from synthesis.errors import SpeechError, SpeechUnavailable
from synthesis.screening import documents, sealing
from synthesis.screening.documents import Document
from synthesis.screening.models import ListVersion


class ListSealed(SpeechUnavailable):
    """A confidential list cannot be opened here. Nothing is spoken then: its words might be in the text."""

    code = "screening_unavailable"
    retry_after = 30

    def __init__(self) -> None:
        SpeechError.__init__(self, _("敏感词库无法打开，请联系系统管理员检查词库密钥。"))


def has_key() -> bool:
    """Whether lists can be kept confidential here."""
    return bool(settings.SCREENING_KEY)


def put(version: ListVersion, document: Document) -> None:
    """Writes the document into the version, which the caller saves. Raises ListSealed."""
    data = documents.write(document)
    if version.word_list.is_confidential:
        data = sealing.seal(data, key=_key(), place=_place(version))
    version.content = data
    version.digest = documents.digest_of(document)
    version.word_count = len(document.words)
    version.allowed_count = len(document.allowed)
    version.rule_count = len(document.rules)


def take(version: ListVersion) -> Document:
    """Raises ListSealed."""
    data = bytes(version.content)
    if version.word_list.is_confidential:
        try:
            data = sealing.unseal(data, key=_key(), place=_place(version))
        except sealing.SealBroken as error:
            raise ListSealed from error
    return documents.read(data)


def _key() -> bytes:
    if not has_key():
        raise ListSealed
    return settings.SCREENING_KEY  # type: ignore[no-any-return]


def _place(version: ListVersion) -> str:
    return f"wordlist:{version.word_list_id}"
