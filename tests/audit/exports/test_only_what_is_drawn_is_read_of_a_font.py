"""A Chinese font is looked up where it lies, and a report embeds what it has drawn of it, glyph by glyph."""

from __future__ import annotations

import io
import re
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fontTools.cffLib import CFFFontSet
from fontTools.pens.recordingPen import RecordingPen
from fontTools.ttLib import TTCollection, TTFont

from audit.exports.fonts import find_font
from audit.exports.paper import Paper
from audit.exports.typeface import Typeface
from tests.audit.exports.pdf_text import pages_of

WORDS = "审计报告：停水通知 2026 Ōé〇"


@pytest.fixture
def font() -> Path:
    found = find_font()
    assert found is not None, "make setup installs one where the system has none"
    return found


@pytest.fixture
def whole(font: Path) -> Iterator[TTFont]:
    """The font as fontTools reads it."""
    is_one = font.suffix != ".ttc"
    faces = [TTFont(font, lazy=True)] if is_one else TTCollection(str(font), lazy=True).fonts
    yield next(face for face in faces if " SC" in face["name"].getDebugName(4))
    faces[0].close()


@pytest.fixture
def typeface(font: Path) -> Typeface:
    return Typeface(font)


def opened(narrowed: bytes) -> TTFont:
    return TTFont(io.BytesIO(narrowed))


def outline(glyphs: Any, name: str) -> list[Any]:
    pen = RecordingPen()
    glyphs[name].draw(pen)
    return list(pen.value)


def drawn(font: Path, target: Path, words: str = WORDS) -> bytes:
    paper = Paper(font=font, running="")
    paper.add_page()
    paper.paragraph(words)
    paper.save(target)
    return target.read_bytes()


def unpacked(pdf: bytes) -> Iterator[bytes]:
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            yield zlib.decompress(stream)
        except zlib.error:
            yield stream


def embedded_in(pdf: bytes) -> Any:
    """The bare outlines that fpdf2 embeds of a font of numbered glyphs, by their names."""
    font = CFFFontSet()
    font.decompile(io.BytesIO(next(one for one in unpacked(pdf) if one[:2] == b"\x01\x00")), None)
    return font[0].CharStrings


def glyphs_by_character(pdf: bytes) -> dict[int, int]:
    """What the PDF says of the numbers on its pages: the characters they stand for, the glyphs they show."""
    whole = b"".join(unpacked(pdf))
    characters = re.findall(rb"<(\w{4})> <(\w{4})>\n", whole)
    glyphs = dict(re.findall(rb"<(\w{4})> (\d+)\n", whole))
    return {int(character, 16): int(glyphs[number]) for number, character in characters if number in glyphs}


def test_a_narrowed_font_draws_as_the_whole_one(typeface: Typeface, whole: TTFont) -> None:
    narrow = opened(typeface.narrowed(map(ord, WORDS)))
    assert set(narrow.getBestCmap()) == set(map(ord, WORDS))
    for character in map(ord, WORDS):
        here, there = narrow.getBestCmap()[character], whole.getBestCmap()[character]
        assert outline(narrow.getGlyphSet(), here) == outline(whole.getGlyphSet(), there)
        assert narrow["hmtx"][here] == whole["hmtx"][there]


def test_characters_are_as_wide_as_the_font_has_them(typeface: Typeface, whole: TTFont) -> None:
    for character in map(ord, WORDS):
        advance, _bearing = whole["hmtx"][whole.getBestCmap()[character]]
        assert typeface.width(character) == round(advance * 1000 / whole["head"].unitsPerEm)
    assert typeface.width(ord("停")) == 1000 > typeface.width(ord("i")) > 0


def test_what_a_font_lacks_has_no_glyph(typeface: Typeface) -> None:
    assert typeface.glyph(ord("停"))
    assert typeface.glyph(0x1F600) is None


def test_of_a_collection_the_simplified_face_is_taken(typeface: Typeface, tmp_path: Path) -> None:
    collection = TTCollection()
    for face, characters in (("JP", "停"), ("SC", "停水"), ("TC", "停")):
        one = opened(typeface.narrowed(map(ord, characters)))
        for record in one["name"].names:
            if record.nameID == 4:
                record.string = f"Some Sans {face}"
        collection.fonts.append(one)
    collection.save(str(tmp_path / "some.ttc"))
    assert Typeface(tmp_path / "some.ttc").glyph(ord("水"))


def test_pages_show_the_glyphs_of_their_characters(whole: TTFont, font: Path, tmp_path: Path) -> None:
    pdf = drawn(font, tmp_path / "words.pdf")
    (page,) = pages_of(tmp_path / "words.pdf")
    assert WORDS in page
    glyphs, shown = embedded_in(pdf), glyphs_by_character(pdf)
    for character in map(ord, WORDS):
        name = whole.getBestCmap()[character]
        assert name == f"cid{shown[character]:05}"
        assert outline(glyphs, name) == outline(whole.getGlyphSet(), name)
    assert len(glyphs) < 50, "and no others"


def test_the_font_is_not_read_whole(font: Path, tmp_path: Path) -> None:
    """Python's objects alone: 64 MB when fpdf2 reads it all."""
    drawn(font, tmp_path / "first.pdf")  # imports, and what is kept for good
    tracemalloc.start()
    try:
        drawn(font, tmp_path / "second.pdf")
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


def test_a_font_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.otf").write_bytes(b"OTTO")
    with pytest.raises(RuntimeError):
        Paper(font=tmp_path / "own.otf", running="")
