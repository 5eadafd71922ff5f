"""The text as the editor shows it with 读音 on: every character, where it stands and how it is said."""

from __future__ import annotations

from typing import Any

import pytest

from govvoice.portal.desk.ruby import pieces_of
from synthesis.text import make_script


def shown(text: str) -> list[dict[str, Any]]:
    return pieces_of(make_script(text))


def kinds(text: str) -> list[tuple[str, str, str]]:
    return [(piece["text"], piece["kind"], piece.get("pinyin", "")) for piece in shown(text)]


def test_each_character_has_its_reading() -> None:
    assert kinds("重庆，好。") == [
        ("重", "read", "chóng"),
        ("庆", "read", "qìng"),
        ("，", "silent", ""),
        ("好", "read", "hǎo"),
        ("。", "silent", ""),
    ]


def test_a_number_is_one_piece_with_its_spoken_form() -> None:
    piece = shown("共2025年")[1]
    assert (piece["text"], piece["said"], piece["kind"]) == ("2025", "二零二五", "spoken")
    assert piece["pinyin"] == "èr líng èr wǔ"


def test_what_is_said_in_another_order_is_one_piece() -> None:
    piece = shown("涨5%。")[1]
    assert (piece["text"], piece["said"]) == ("5%", "百分之五")


def test_unreadable_signs_are_named_as_such() -> None:
    assert kinds("好😀") == [("好", "read", "hǎo"), ("😀", "unreadable", "")]


def test_erhua_stands_over_both_characters() -> None:
    assert kinds("花儿")[0] == ("花儿", "read", "huār")


def test_a_polyphone_offers_its_readings_and_the_word_around_it() -> None:
    piece = shown("在银行办理")[2]
    assert piece["hard"]
    assert piece["word"] == [1, 3]
    assert piece["candidates"][:2] == [["hang2", "háng"], ["xing2", "xíng"]]
    assert not shown("大")[0]["candidates"][0][0].startswith("x")


@pytest.mark.parametrize(
    "text",
    [
        "", "  \n", "😀😀", "重庆银行于2025年5月2日涨5%，行长😀花儿APP好。", "￥12.5—3℃ G1234", "第3\n页 5%",
        "𠮷野家、〇",
    ],
)  # fmt: skip
def test_nothing_of_the_text_is_lost(text: str) -> None:
    pieces = shown(text)
    assert "".join(piece["text"] for piece in pieces) == text
    starts = [piece["start"] for piece in pieces]
    assert starts == sorted(set(starts))
