from __future__ import annotations

from tests.stage import nothing_remembered

__all__ = ["nothing_remembered"]
