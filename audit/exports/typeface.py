"""A font of tens of thousands of glyphs, of which a report draws some hundreds.

HarfBuzz finds characters in the file where it lies: only the parts that are asked for come into memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import uharfbuzz as hb

_FACE: Final = " SC"  # of the faces of a collection, that of simplified characters
# Of no use to pages whose every character is placed by us. Left in, they are read whole for each narrowing.
_UNUSED: Final = ("GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx")


class Typeface:
    """An .otf, .ttf, or the face of a .ttc that draws simplified characters; the first where none says so."""

    def __init__(self, file: Path) -> None:
        blob = hb.Blob.from_file_path(str(file))
        faces = (hb.Face(blob, number) for number in range(hb.Face(blob).count))
        self._face = next((face for face in faces if _name(face).endswith(_FACE)), hb.Face(blob))
        self._font = hb.Font(self._face)

    def glyph(self, code: int) -> int | None:
        """The number of a character's glyph; None where it cannot be drawn."""
        number: int | None = self._font.get_nominal_glyph(code)
        return number

    def width(self, code: int) -> int:
        """In thousandths of the type's size. What cannot be drawn is as wide as the sign for it."""
        advance: int = self._font.get_glyph_h_advance(self.glyph(code) or 0)
        return round(advance * 1000 / int(self._face.upem))

    def narrowed(self, codes: Iterable[int]) -> bytes:
        """A font that draws these characters alone, each as this one does."""
        wanted = hb.SubsetInput()
        wanted.unicode_set.update(codes)
        wanted.drop_table_tag_set.update(int.from_bytes(tag.encode()) for tag in _UNUSED)
        wanted.name_lang_id_set.clear()
        wanted.name_lang_id_set.invert()  # all languages: a font may have its name in Chinese only
        wanted.flags = (
            hb.SubsetFlags.NOTDEF_OUTLINE | hb.SubsetFlags.GLYPH_NAMES | hb.SubsetFlags.NO_LAYOUT_CLOSURE
        )
        narrow: bytes = hb.subset(self._face, wanted).blob.data
        return narrow


def _name(face: hb.Face) -> str:
    return face.get_name(hb.OTNameIdPredefined.FULL_NAME) or ""
