"""From words to syllables: phrase dictionary first, then the sentence decides, then the commonest reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from synthesis.text.contexts import has_contexts, reading_in
from synthesis.text.hanzi import default_reading
from synthesis.text.letters import spell
from synthesis.text.listed import listed_words
from synthesis.text.marks import rest_at
from synthesis.text.names import surname_reading
from synthesis.text.phrasebook import phrase_reading
from synthesis.text.polyphones import ERHUA, fixed_reading, is_polyphone, readings_in
from synthesis.text.script import Syllable
from synthesis.text.syllables import with_erhua
from synthesis.text.tokens import Kind, Span, Token
from synthesis.text.words import cut

_YI, _BU = "一", "不"
_PLACE_ENDINGS = frozenset("省市县区州镇乡村山江河湖岛路街站")
_AROUND = 8  # characters that tell whether a name is meant
# Digits are read by their names whatever stands around them: 幺 and 两 too.
_DIGIT_READINGS = {
    "零": "ling2",
    "〇": "ling2",
    "一": "yi1",
    "幺": "yao1",
    "二": "er4",
    "两": "liang3",
    "点": "dian3",
    "重": "chong2",
}
# Words whose 儿 is no syllable of its own: the phrase dictionary marks many, but not these, or not always.
_ERHUA_WORDS = frozenset({
    "花儿", "哪儿", "这儿", "那儿", "事儿", "玩儿", "点儿", "有点儿", "一点儿", "差点儿", "一会儿",
    "一块儿", "份儿", "个儿", "头儿", "门儿", "劲儿", "味儿", "活儿", "老头儿", "小孩儿", "女孩儿",
    "男孩儿", "聊天儿", "没事儿", "大伙儿",
})  # fmt: skip


@dataclass(slots=True)
class Sound:
    """One syllable in the making: the Han character it reads (empty for a letter's name), pinyin and place.

    `written` is what it stands for in the normalised text, `base` its pinyin before sandhi.
    """

    char: str
    pinyin: str
    start: int
    end: int
    written: str
    base: str = ""

    def spoken(self) -> Syllable:
        return Syllable(self.written, self.start, self.end, self.pinyin, self.base or self.pinyin)


@dataclass(slots=True)
class Word:
    """Syllables that belong together, where they came from, and the rest that a mark after them asks for."""

    text: str
    kind: Kind
    syllables: list[Sound]
    rest: int = 0


def read(tokens: Sequence[Token], *, lead: str = "") -> list[Word]:
    """Words of a clause. Marks are silent, but the word before them knows of the rest they ask for.

    `lead` is the end of the clause before.
    """
    sentence = "".join(token.text for token in tokens)
    context = _Context(sentence, lead=lead)
    words: list[Word] = []
    for token in tokens:
        if token.kind is Kind.MARK:
            _rest_after(words, token)
        else:
            words += _read_token(token, context)
        context.place += len(token.text)
    return words


def _rest_after(words: Sequence[Word], mark: Token) -> None:
    if words:
        words[-1].rest = max(words[-1].rest, rest_at(mark.text))


@dataclass(slots=True)
class _Context:
    """The clause, where we are in it, and the network's word on it, asked for only when it is needed."""

    sentence: str
    place: int = 0
    judged: dict[int, str] | None = None
    lead: str = ""

    def around(self, offset: int) -> tuple[str, str]:
        """What stands before and after a character; the clause before counts too (联系人：单女士)."""
        here = self.place + offset
        before = self.sentence[max(0, here - _AROUND) : here]
        return (self.lead + before if here < _AROUND else before), self.sentence[
            here + 1 : here + 1 + _AROUND
        ]

    def reading(self, offset: int) -> str | None:
        if self.judged is None:
            self.judged = readings_in(self.sentence)
        return self.judged.get(self.place + offset)


def _read_token(token: Token, context: _Context) -> list[Word]:
    if token.kind is Kind.LETTERS:
        return [_spelled(token)]
    if token.kind is Kind.HAN:
        return _running_text(token, context)
    return [_fixed_word(token) if token.kind is Kind.FIXED else _number_word(token)]


def _fixed_word(token: Token) -> Word:
    """Given syllables: one for each character where their numbers agree, else all for the whole."""
    spans = token.spans
    written = list(token.text)
    if len(token.readings) != len(written):
        spans = ((spans[0][0], spans[-1][1]),) * len(token.readings)
        written = [token.text] * len(token.readings)
    syllables = [
        Sound(char, pinyin, start, end, char)
        for char, pinyin, (start, end) in zip(written, token.readings, spans, strict=True)
    ]
    return Word(token.text, token.kind, syllables)


def _spelled(token: Token) -> Word:
    syllables = [
        Sound("", name, start, end, letter)
        for letter, (start, end) in zip(token.text, token.spans, strict=True)
        for name in spell(letter)
    ]
    return Word(token.text, token.kind, syllables)


def _number_word(token: Token) -> Word:
    syllables = [
        Sound(char, _DIGIT_READINGS.get(char) or _alone(char), start, end, char)
        for char, (start, end) in zip(token.text, token.spans, strict=True)
    ]
    return Word(token.text, token.kind, syllables)


def _alone(char: str) -> str:
    reading = fixed_reading(char) or default_reading(char)
    if reading is None:
        raise LookupError(f"{char!r} passed the folding and has no reading")
    return reading


def _running_text(token: Token, context: _Context) -> list[Word]:
    words: list[Word] = []
    place = 0
    for text in [token.text] if token.whole else cut(token.text):
        spans = token.spans[place : place + len(text)]
        words.append(Word(text, token.kind, _syllables(text, spans, _word_readings(text, place, context))))
        place += len(text)
    return words


def _word_readings(text: str, place: int, context: _Context) -> list[str]:
    found = _listed(text) or _surname(text, place, context) or _composed(text, place, context)
    if text not in listed_words():
        _by_context(text, place, context, found)
    if text in _ERHUA_WORDS:
        found[-1] = ERHUA
    return found


def _by_context(text: str, place: int, context: _Context, found: list[str]) -> None:
    for offset, char in enumerate(text):
        if has_contexts(char):
            found[offset] = reading_in(char, *context.around(place + offset)) or found[offset]


def _composed(text: str, place: int, context: _Context) -> list[str]:
    """What is no word of a list may be made of such words: 长清 in 长清区, 国家 and 银行 in 国家银行."""
    for start, end in _parts(len(text)):
        part = _listed(text[start:end])
        if part:
            head = _by_character(text[:start], place, context)
            return head + part + (_composed(text[end:], place + end, context) if end < len(text) else [])
    return _by_character(text, place, context)


def _parts(length: int) -> Iterator[tuple[int, int]]:
    """Beginnings of two characters or more, the longest first; then endings."""
    yield from ((0, end) for end in range(length, 1, -1))
    yield from ((start, length) for start in range(1, length - 1))


def _surname(text: str, place: int, context: _Context) -> list[str] | None:
    """A name: alone its surname, or with the given name as the word list has it (任志强)."""
    reading = surname_reading(text[0], *context.around(place))
    return [reading, *_by_character(text[1:], place + 1, context)] if reading else None


def _by_character(text: str, place: int, context: _Context) -> list[str]:
    return [_character_reading(char, place + offset, context) for offset, char in enumerate(text)]


def _listed(text: str) -> list[str] | None:
    """A dictionary's reading of a word: ours before the phrase list's.

    一 and 不 are put back to the tones they have before sandhi, and the phrase list's 儿 is a suffix.
    """
    if len(text) < 2:
        return None
    if text in listed_words():
        return list(listed_words()[text])
    if text[:-1] in listed_words() and text[-1] in _PLACE_ENDINGS:
        return [*listed_words()[text[:-1]], _alone(text[-1])]
    found = phrase_reading(text)
    if found is None:
        return None
    bases = [_base_tone(char, syllable) for char, syllable in zip(text, found, strict=True)]
    return [ERHUA if syllable == "er5" else syllable for syllable in bases]


def _base_tone(char: str, syllable: str) -> str:
    return {_YI: "yi1", _BU: "bu4"}.get(char, syllable)


def _character_reading(char: str, offset: int, context: _Context) -> str:
    if is_polyphone(char):
        return context.reading(offset) or _alone(char)
    return _alone(char)


def _syllables(text: str, spans: Sequence[Span], readings: Sequence[str]) -> list[Sound]:
    """Erhua joins the syllable before it: 花儿 is one syllable, huar1, over both characters."""
    found: list[Sound] = []
    for char, (start, end), pinyin in zip(text, spans, readings, strict=True):
        if pinyin != ERHUA:
            found.append(Sound(char, pinyin, start, end, char))
        elif found and not found[-1].pinyin.startswith("er"):
            found[-1].pinyin = with_erhua(found[-1].pinyin)
            found[-1].end = max(end, found[-1].end)
            found[-1].written += char
        else:
            found.append(Sound(char, "er2", start, end, char))
    return found
