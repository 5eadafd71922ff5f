"""The English catalogue: whole, in step with the source, and used."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils.translation import override

from govvoice.portal.management.commands.make_messages import (
    CATALOGUE,
    compiled,
    extracted,
    read,
    untranslated,
)
from synthesis.models import Voice
from tests.portal.broadcasts.cast import Official

PLACEHOLDER = re.compile(r"%\(\w+\)|\{\w+")
HAN = re.compile(r"[一-鿿]")
# Spoken by a Mandarin voice, or the words of a table that is Chinese, so Chinese in every language.
CHINESE = (
    "您好",
    "Type what is to be read aloud",
    "The type column holds",
    "The first row is the heading",
    "The heading needs",
)


def entries() -> list[tuple[str, str]]:
    """Chinese and English of every message; plural forms one by one."""
    pairs: list[tuple[str, str]] = []
    for message in read():
        if message.id:
            sources: Any = message.id if isinstance(message.id, tuple) else (message.id,)
            targets: Any = message.string if isinstance(message.string, tuple) else (message.string,)
            pairs += zip(sources, targets, strict=True)
    return pairs


def test_the_source_says_nothing_that_the_catalogue_lacks() -> None:
    catalogue = read()
    assert [message for message in extracted() if message not in catalogue] == []
    assert untranslated(catalogue) == []


def test_placeholders_are_the_same_on_both_sides() -> None:
    different = [
        (chinese, english)
        for chinese, english in entries()
        if sorted(set(PLACEHOLDER.findall(chinese))) != sorted(set(PLACEHOLDER.findall(english)))
    ]
    assert different == []


def test_the_translations_are_english() -> None:
    assert [text for _, text in entries() if HAN.search(text) and not text.startswith(CHINESE)] == []


def test_the_compiled_catalogue_is_the_written_one() -> None:
    assert CATALOGUE.with_suffix(".mo").read_bytes() == compiled(read())


@pytest.mark.django_db
def test_a_page_in_english_has_no_chinese_frame(voice: Voice, editor: Official) -> None:
    editor.browser.cookies["django_language"] = "en"
    with override("en"):  # puts back what the request leaves behind in this thread
        page = editor.see("help").content.decode()
    assert '<html lang="en"' in page
    assert "How a broadcast gets on air" in page
    frame = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", page, flags=re.S)
    # What is left are names out of the database, and the way back to Chinese.
    assert set(HAN.findall(frame)) <= set("政务服务热线中心播报编辑同志中文")
