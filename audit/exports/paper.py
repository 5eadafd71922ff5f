"""A4 sheets with a Chinese font, on which reports are drawn: text that wraps, QR codes, numbered pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from audit.exports.lettering import Lettered
from audit.lines import visible

Colour = tuple[int, int, int]
INK: Final[Colour] = (28, 37, 52)
MUTED: Final[Colour] = (96, 107, 124)
LINE: Final[Colour] = (200, 208, 220)
BLUE: Final[Colour] = (26, 79, 156)
PALE: Final[Colour] = (231, 238, 250)
GREEN: Final[Colour] = (47, 133, 79)
AMBER: Final[Colour] = (201, 138, 20)
RED: Final[Colour] = (176, 38, 38)
MARGIN: Final = 18.0  # mm, as all lengths here


class Paper(Lettered):
    """Lengths are millimetres, sizes of type points. `running` heads every page but the first."""

    def __init__(self, *, font: Path, running: str) -> None:
        super().__init__(font)
        self._running = running
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(True, margin=MARGIN)
        self.alias_nb_pages("{nb}")
        self._widths: dict[str, float] = {}  # of characters at a size of 1 point

    def header(self) -> None:
        if self.page_no() == 1:
            return
        self.write_at(self.l_margin, 9, self._running, size=8, colour=MUTED)
        self.set_draw_color(*LINE)
        self.line(self.l_margin, 14, self.w - self.r_margin, 14)
        self.set_xy(self.l_margin, MARGIN)

    def footer(self) -> None:
        self.set_y(-12)
        self.set_font(size=8)
        self.set_text_color(*MUTED)
        words = _("第 %(page)d 页 共 %(pages)s 页") % {"page": self.page_no(), "pages": "{nb}"}
        self.cell(0, 5, words, align="C")

    def told(self, text: str) -> str:
        """The text on one line, each character that the font cannot draw written as its number."""
        shown = visible(text)
        if all(map(self._draws, shown)):
            return shown
        return "".join(c if self._draws(c) else f"〔U+{ord(c):04X}〕" for c in shown)

    def write_at(self, x: float, y: float, text: str, *, size: float, colour: Colour = INK) -> None:
        """One line with its upper left corner there."""
        self._use(size, colour)
        self.set_xy(x, y)
        self.cell(0, size * 0.5, text)

    def paragraph(self, text: str, *, size: float = 10, colour: Colour = INK, after: float = 2) -> None:
        """As many lines as it takes, over the whole width, from where the last thing ended."""
        self._use(size, colour)
        for line in self.wrapped(text, self.epw, size):
            self.set_x(self.l_margin)
            self.cell(0, size * 0.55, line, new_x="LMARGIN", new_y="NEXT")
        self.ln(after)

    def heading(self, text: str, *, room: float = 40) -> None:
        """A heading with at least `room` below it on the same page."""
        if self.get_y() + room > self.h - MARGIN:
            self.add_page()
        self.ln(4)
        y = self.get_y()
        self.set_fill_color(*BLUE)
        self.rect(self.l_margin, y + 0.6, 1.4, 6, style="F")
        self.write_at(self.l_margin + 4, y, text, size=13)
        self.set_xy(self.l_margin, y + 10)

    def facts(self, rows: Sequence[tuple[str, str]], *, label: float = 34, size: float = 10) -> None:
        """Labels at the left, values beside them, wrapped."""
        for name, value in rows:
            lines = self.wrapped(value, self.epw - label, size)
            if self.get_y() + size * 0.6 * len(lines) > self.h - MARGIN:
                self.add_page()
            y = self.get_y()
            self.write_at(self.l_margin, y, name, size=size, colour=MUTED)
            for number, line in enumerate(lines):
                self.write_at(self.l_margin + label, y + number * size * 0.6, line, size=size)
            self.set_xy(self.l_margin, y + len(lines) * size * 0.6 + 1.2)

    def wrapped(self, text: str, width: float, size: float) -> list[str]:
        """The text in lines no wider than `width`; it breaks anywhere, as Chinese and hashes both may."""
        lines, line, used = [], "", 0.0
        for character in self.told(text):
            wide = self._width(character) * size
            if used + wide > width - 2 * self.c_margin and line:
                lines.append(line)
                line, used = "", 0.0
            line += character
            used += wide
        return [*lines, line]

    def code(self, rows: Sequence[Sequence[bool | int]], *, x: float, y: float, width: float) -> None:
        """A QR code's modules as squares, with the four modules of quiet that scanners need around them."""
        module = width / (len(rows) + 8)
        self.set_fill_color(0, 0, 0)
        for down, row in enumerate(rows):
            for across, dark in enumerate(row):
                if dark:
                    left, top = x + (across + 4) * module, y + (down + 4) * module
                    self.rect(left, top, module * 1.02, module * 1.02, style="F")

    def _use(self, size: float, colour: Colour) -> None:
        self.set_font(size=size)
        self.set_text_color(*colour)

    def _width(self, character: str) -> float:
        if character not in self._widths:
            self._widths[character] = self.get_string_width(character) / self.font_size_pt
        return self._widths[character]

    def _draws(self, character: str) -> bool:
        return self.typeface.glyph(ord(character)) is not None
