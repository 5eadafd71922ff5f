"""The documents of list versions, put away and taken out; those of a confidential list are sealed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.sealed import SealBroken, seal, unseal
from synthesis.errors import SpeechError, SpeechUnavailable
from synthesis.screening import documents
from synthesis.screening.documents import Document
from synthesis.screening.models import ListVersion


class ListSealed(SpeechUnavailable):
    """A confidential list cannot be opened here. Nothing is spoken then: its words might be in the text."""

    code = "screening_unavailable"

    def __init__(self) -> None:
        SpeechError.__init__(self, _("敏感词库无法打开，请联系系统管理员检查数据密钥。"))


def put(version: ListVersion, document: Document) -> None:
    """Writes the document into the version, which the caller saves."""
    data = documents.write(document)
    if version.word_list.is_confidential:
        data = seal(data, purpose=_purpose(version)).encode()
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
            data = unseal(data.decode(), purpose=_purpose(version))
        except (SealBroken, UnicodeDecodeError) as error:
            raise ListSealed from error
    return documents.read(data)


def _purpose(version: ListVersion) -> str:
    return f"wordlist {version.word_list_id}"
