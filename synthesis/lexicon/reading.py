"""What staff type as a reading, brought into the library's form and explained where it is wrong."""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from synthesis import text
from synthesis.text.characters import fold
from synthesis.text.lexicon import LONGEST, check, folded_word
from synthesis.text.syllables import from_marked, is_speakable

_GAPS = re.compile(r"[\s,，;；、'’·-]+")


def normal_word(word: str) -> str:
    """The form in which a word is looked for; two words of one form are one entry."""
    return folded_word(word).text


def check_word(word: str) -> None:
    """Raises ValidationError unless the word can be met in a text."""
    folded = folded_word(word)
    if not folded.text.strip():
        raise ValidationError(_("请填写词语。"), code="word_required")
    if len(word) > LONGEST:
        raise ValidationError(_("词语最长 %(limit)d 个字。") % {"limit": LONGEST}, code="word_too_long")
    if folded.unreadable:
        first = folded.unreadable[0]
        raise ValidationError(
            _("词语的第 %(place)d 个字“%(sign)s”不能用在词典中。")
            % {"place": first.start + 1, "sign": first.text},
            code="word_invalid",
        )


def parse_reading(typed: str) -> str:
    """`chóng qìng` or `Chong2,qing4` as chong2 qing4, ü as v. Raises ValidationError."""
    pieces = [piece for piece in _GAPS.split(unicodedata.normalize("NFKC", typed).strip()) if piece]
    return " ".join(_syllable(number, piece) for number, piece in enumerate(pieces, 1))


def check_entry(word: str, reading: str, replacement: str) -> None:
    """The library's own rules for the whole entry. Raises ValidationError."""
    _check_count(word, reading.split())
    if fold(replacement).unreadable:
        sign = fold(replacement).unreadable[0].text
        message = _("替换文本中的“%(sign)s”无法朗读。") % {"sign": sign}
        raise ValidationError({"replacement": ValidationError(message, code="replacement_unreadable")})
    try:
        check(text.Entry(word=word, pinyin=reading, replacement=replacement))
    except text.LexiconError as error:
        field = "reading" if reading else "replacement"
        message = _("该词条不能用于朗读，请检查词语与读音。")
        raise ValidationError({field: ValidationError(message, code="entry_invalid")}) from error


def _syllable(number: int, piece: str) -> str:
    plain = piece.lower().replace("u:", "v").replace("ü", "v")
    if is_speakable(plain):
        return plain
    marked = from_marked(piece.lower()) if unicodedata.normalize("NFD", piece) != piece else None
    if marked is None:
        raise ValidationError(
            _("读音的第 %(place)d 个音节“%(piece)s”不是带声调的拼音，应如 chong2 qing4。")
            % {"place": number, "piece": piece[:16]},
            code="reading_invalid",
        )
    return marked


def _check_count(word: str, syllables: list[str]) -> None:
    """One syllable a character; with an erhua suffix (huar1) 儿 has none of its own."""
    folded = normal_word(word)
    if not syllables or not all("\u4e00" <= sign <= "\u9fff" for sign in folded):
        return
    joined = sum(syllable[-2] == "r" and syllable[:-1] != "er" for syllable in syllables)
    if len(syllables) + min(joined, folded.count("儿")) != len(folded):
        message = _("“%(word)s”有 %(characters)d 个字，读音有 %(syllables)d 个音节，应一字一音。") % {
            "word": word,
            "characters": len(folded),
            "syllables": len(syllables),
        }
        raise ValidationError({"reading": ValidationError(message, code="reading_length")})
