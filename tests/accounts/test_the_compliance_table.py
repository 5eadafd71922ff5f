from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = (ROOT / "docs" / "compliance.md").read_text(encoding="utf-8")


def test_every_file_that_the_table_names_is_there() -> None:
    named = set(re.findall(r"`(\w[\w/]*(?:\.py|\.md|/))`", TABLE)) - {"tests/"}
    roots = (ROOT, ROOT / "platform", ROOT / "tests")
    assert len(named) > 40
    assert [name for name in sorted(named) if not any((root / name).exists() for root in roots)] == []


def test_every_clause_of_the_section_has_a_row() -> None:
    for clause in ("8.1.4.1", "8.1.4.2", "8.1.4.3", "8.1.4.4", "8.1.4.7", "8.1.4.8", "8.1.4.9", "8.1.4.10",
                   "8.1.4.11", "8.1.5"):  # fmt: skip
        assert clause in TABLE
    assert TABLE.count("由使用单位") >= 8
