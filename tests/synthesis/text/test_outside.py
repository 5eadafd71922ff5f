"""Cases that nobody in this project wrote, as gates: how many have to be read as their authors say."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from synthesis.text import Script, make_script

OUTSIDE = Path(__file__).resolve().parents[4] / "shared" / "outside"

# Rows that are not read as expected, on purpose.
REFUSED = {
    "好啊": "that project's option drops 啊; nothing that can be spoken is dropped here",
    "啊呃呃": "the same",
    "儿": "the same",
    "我们안녕": "marks of that project's option tag_oov; here it is reported in `unreadable`",
    "雪の花": "the same",
    "今天的最低气温达到-10°C.": "house style: ℃ is said in full, 摄氏度",
    "25m": "expects 米 alone, without its number: wrong",
}


def rows(name: str) -> list[dict[str, str]]:
    with (OUTSIDE / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def spoken(text: str) -> str:
    """Marks and blanks are not spoken, and 幺 is the telephone's 一: the sources write now this, now that."""
    return re.sub(r"\W", "", text).replace("幺", "一")


def misread(name: str) -> tuple[list[str], int]:
    """Inputs read otherwise than expected, and how many were asked; refused rows are not asked."""
    asked = [row for row in rows(name) if row["input"] not in REFUSED]
    wrong = [
        row["input"]
        for row in asked
        if spoken(make_script(row["input"]).normalized) != spoken(row["expected"])
    ]
    return wrong, len(asked)


@pytest.mark.parametrize(("name", "share"), [("tn_wetext.tsv", 0.97), ("tn_paddlespeech.tsv", 0.95)])
def test_numbers_and_signs(name: str, share: float) -> None:
    wrong, asked = misread(name)
    assert asked >= 60
    assert 1 - len(wrong) / asked >= share, wrong


def test_every_refused_row_is_one_that_is_read_otherwise() -> None:
    given = {row["input"]: row for name in ("tn_wetext.tsv", "tn_paddlespeech.tsv") for row in rows(name)}
    for text in REFUSED:
        assert spoken(make_script(text).normalized) != spoken(given[text]["expected"])


def base_at(script: Script, place: int) -> str:
    """The cited reading of a character; the suffix of erhua belongs to the next one."""
    found = next(one.base for one in script.syllables if one.start <= place < one.end)
    return found if found.startswith("er") else found[:-1].removesuffix("r") + found[-1]


def test_polyphones() -> None:
    given = rows("g2p_cpp_dev.tsv")
    right = sum(
        base_at(make_script(row["sentence"]), int(row["char_index"]))
        == row["expected_pinyin"].replace("u:", "v")
        for row in given
    )
    assert len(given) > 3000
    assert right / len(given) >= 0.97


def with_tone_last(written: str) -> str:
    """`ha3o` is hao3 with the digit after its vowel."""
    return re.sub(r"([a-z]+)(\d)([a-z]*)", r"\1\3\2", written)


SANDHI = [row for row in rows("g2p_pypinyin_tests.tsv") if row["category"] == "tone_sandhi"]


@pytest.mark.parametrize("row", SANDHI, ids=lambda row: row["input"])
def test_tones(row: dict[str, str]) -> None:
    said = " ".join(one.pinyin for one in make_script(row["input"]).syllables)
    assert said == with_tone_last(row["expected"])


@pytest.mark.parametrize(("text", "said"), [("A股", "gu3"), ("B超", "chao1"), ("中国人", "zhong1 guo2 ren2")])
def test_mixed_words(text: str, said: str) -> None:
    assert " ".join(one.pinyin for one in make_script(text).syllables if not one.char.isascii()) == said
