"""PDF pages in one typeface, of which only what is drawn comes into memory.

fpdf2 by itself makes Python objects of the name, the width and the outline of each of a Chinese font's 65,000
glyphs: 54 MB, and 64 MB while it embeds the few hundred that a report needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final, TypeVar, cast

from fpdf import FPDF
from fpdf.fonts import Glyph, TTFFont
from fpdf.output import OutputProducer

from audit.exports.typeface import Typeface

T = TypeVar("T")

_FAMILY: Final = "report"
_SPACE: Final = 0x20


class Lettered(FPDF):
    """A4, 10 points. Write it with `save`: `output` alone would embed a font of nothing but the space."""

    def __init__(self, font: Path) -> None:
        super().__init__(format="A4")
        self.typeface = Typeface(font)
        self._load([_SPACE])
        self._ask_typeface()
        self.set_font(_FAMILY, size=10)

    def save(self, target: Path) -> None:
        self.output(str(target), output_producer_class=_Producer)

    def embed_drawn(self) -> None:
        """Puts a font of what was drawn in the place of the one that it was drawn with.

        fpdf2 numbers characters in the order of their first use, and the pages know them by these numbers.
        """
        drawn = cast(TTFFont, self.fonts.pop(_FAMILY))
        numbers = {number: _character(glyph) for glyph, number in drawn.subset.items()}
        self._load(numbers.values())
        font = self._font()
        font.missing_glyphs = drawn.missing_glyphs  # fpdf2 warns of them in the log
        for number, character in numbers.items():
            if font.subset.pick(character) != number:
                raise RuntimeError(f"fpdf2 numbers U+{character:04X} otherwise than when it was drawn")

    def _ask_typeface(self) -> None:
        """The font of one character answers for all that the typeface has."""
        font, face = self._font(), self.typeface
        font.cmap = _Asked(lambda code: None if face.glyph(code) is None else f"U+{code:04X}", font.cmap)
        font.glyph_ids = _Asked(face.glyph)
        font.cw = _Asked(face.width)

    def _load(self, codes: Iterable[int]) -> None:
        with NamedTemporaryFile(suffix=".otf") as file:  # fpdf2 keeps it open, and takes fonts by path only
            file.write(self.typeface.narrowed(codes))
            file.flush()
            self.add_font(_FAMILY, fname=file.name)

    def _font(self) -> TTFFont:
        return cast(TTFFont, self.fonts[_FAMILY])


class _Asked(dict[int, T]):
    """What fpdf2 wants to know of characters, found out when it asks."""

    def __init__(self, answer: Callable[[int], T | None], known: dict[int, T] | None = None) -> None:
        super().__init__(known or {})
        self._answer = answer

    def __missing__(self, code: int) -> T:
        found = self._answer(code)
        if found is None:
            raise KeyError(code)
        self[code] = found
        return found

    def __contains__(self, code: object) -> bool:
        return self.get(cast(int, code)) is not None

    def get(self, code: int, default: Any = None) -> Any:
        try:
            return self[code]
        except KeyError:
            return default


class _Producer(OutputProducer):
    """Writes the file; by then the last character, of the last page's number, is drawn."""

    def bufferize(self) -> bytearray:
        cast(Lettered, self.fpdf).embed_drawn()
        return super().bufferize()


def _character(glyph: Glyph | None) -> int:
    return cast(tuple[int, ...], cast(Glyph, glyph).unicode)[0]
