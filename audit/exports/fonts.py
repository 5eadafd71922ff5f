"""Where a Chinese font for reports is on this machine. Standard library only, for set-up asks too.

A report embeds the glyphs it uses, so whoever reads it needs no font; whoever makes it does. In this order:
what the operator names, what `make setup` has installed, what the system has.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

# The package's one font that may be passed on (SIL Open Font License); it also holds others.
_INSTALLED: Final = "mplfonts/fonts/NotoSansCJKsc-Regular.otf"
_SYSTEM: Final = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/adobe-source-han-sans/SourceHanSansSC-Regular.otf",
)


def find_font(named: str = "") -> Path | None:
    """An .otf, .ttf, or collection, .ttc. None where there is none, or the one named is not there."""
    places = [Path(named)] if named else [*_of_packages(), *map(Path, _SYSTEM)]
    return next((place for place in places if place.is_file()), None)


def _of_packages() -> list[Path]:
    return [Path(folder) / _INSTALLED for folder in sys.path if folder]
