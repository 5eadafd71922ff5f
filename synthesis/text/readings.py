"""From words to syllables: phrase dictionary first, then the sentence decides, then the commonest reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from pypinyin.phrases_dict import phrases_dict

from synthesis.text.hanzi import default_reading
from synthesis.text.letters import spell
from synthesis.text.marks import rest_at
from synthesis.text.polyphones import ERHUA, fixed_reading, is_polyphone, readings_in
from synthesis.text.syllables import from_marked, with_erhua, with_tone
from synthesis.text.tokens import Kind, Span, Token
from synthesis.text.words import cut

_PHRASES = cast("dict[str, list[list[str]]]", phrases_dict)
_YI, _BU = "一", "不"
# Digits are read by their names whatever stands around them: 幺 and 两 too.
_DIGIT_READINGS = {
    "零": "ling2",
    "一": "yi1",
    "幺": "yao1",
    "二": "er4",
    "两": "liang3",
    "点": "dian3",
    "重": "chong2",
}
# Words whose last syllable is said lightly (必读轻声词) though dictionaries of characters give it a tone.
_LIGHT_ENDINGS = frozenset(
    "事情 东西 明白 清楚 先生 麻烦 消息 告诉 地方 朋友 认识 关系 知道 意思 时候 窗户 衣服 漂亮 便宜 收拾 招呼 打听 休息 "
    "商量 力气 本事 规矩 大夫 耽误 动静 队伍 吩咐 功夫 关照 合同 糊涂 活泼 机灵 见识 交情 结实 客气 困难 凉快 粮食 "
    "溜达 落得 买卖 名字 能耐 念叨 暖和 盘算 脾气 亲戚 勤快 人家 舒服 岁数 体面 铁匠 头发 妥当 稳当 窝囊 稀罕 吓唬 下巴 "
    "笑话 心思 兄弟 学问 丫头 养活 吆喝 衣裳 应酬 冤枉 云彩 运气 扎实 张罗 丈夫 折腾 指望 主意 状元 字号 自在 祖宗 "
    "爸爸 妈妈 爷爷 奶奶 哥哥 姐姐 弟弟 妹妹 叔叔 舅舅 姥姥 太太 我们 你们 他们 她们 它们 咱们 人们".split()
) - {"困难", "合同", "关照", "体面", "活泼"}


@dataclass(slots=True)
class Syllable:
    """One syllable: the character it reads (empty for a letter's name), its pinyin and its place."""

    char: str
    pinyin: str
    start: int
    end: int


@dataclass(slots=True)
class Word:
    """Syllables that belong together; `kind` tells where it came from, `rest` the break a mark makes after it."""

    text: str
    kind: Kind
    syllables: list[Syllable]
    rest: int = 0


def read(tokens: Sequence[Token]) -> list[Word]:
    """Words of a clause. Marks are silent, but the word before them knows of the rest they ask for."""
    sentence = "".join(token.text for token in tokens)
    context = _Context(sentence)
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
    judged: list[str | None] | None = None

    def reading(self, offset: int) -> str | None:
        if self.judged is None:
            self.judged = readings_in(self.sentence)
        return self.judged[self.place + offset]


def _read_token(token: Token, context: _Context) -> list[Word]:
    if token.kind is Kind.LETTERS:
        return [_spelled(token)]
    if token.kind is Kind.HAN:
        return _running_text(token, context)
    return [_number_word(token)]


def _spelled(token: Token) -> Word:
    syllables = [
        Syllable("", name, start, end)
        for letter, (start, end) in zip(token.text, token.spans, strict=True)
        for name in spell(letter)
    ]
    return Word(token.text, token.kind, syllables)


def _number_word(token: Token) -> Word:
    syllables = [
        Syllable(char, _DIGIT_READINGS.get(char) or _alone(char), start, end)
        for char, (start, end) in zip(token.text, token.spans, strict=True)
    ]
    return Word(token.text, token.kind, syllables)


def _alone(char: str) -> str:
    return fixed_reading(char) or default_reading(char) or "a5"


def _running_text(token: Token, context: _Context) -> list[Word]:
    words: list[Word] = []
    place = 0
    for text in cut(token.text):
        spans = token.spans[place : place + len(text)]
        words.append(Word(text, token.kind, _syllables(text, spans, _word_readings(text, place, context))))
        place += len(text)
    return words


def _word_readings(text: str, place: int, context: _Context) -> list[str]:
    listed = _listed(text)
    if listed:
        return listed
    found = [_character_reading(char, place + offset, context) for offset, char in enumerate(text)]
    if text in _LIGHT_ENDINGS:
        found[-1] = with_tone(found[-1], "5")
    return found


def _listed(text: str) -> list[str] | None:
    """The phrase dictionary's reading, with 一 and 不 put back to the tones they have before sandhi."""
    if len(text) < 2 or text not in _PHRASES:
        return None
    found: list[str] = []
    for char, marked in zip(text, _PHRASES[text], strict=True):
        syllable = from_marked(marked[0])
        if syllable is None:
            return None
        found.append(ERHUA if syllable == "er5" else _base_tone(char, syllable))
    return found


def _base_tone(char: str, syllable: str) -> str:
    return {_YI: "yi1", _BU: "bu4"}.get(char, syllable)


def _character_reading(char: str, offset: int, context: _Context) -> str:
    if is_polyphone(char):
        return context.reading(offset) or _alone(char)
    return _alone(char)


def _syllables(text: str, spans: Sequence[Span], readings: Sequence[str]) -> list[Syllable]:
    """Erhua joins the syllable before it: 花儿 is one syllable, huar1, over both characters."""
    found: list[Syllable] = []
    for char, (start, end), pinyin in zip(text, spans, readings, strict=True):
        if pinyin != ERHUA:
            found.append(Syllable(char, pinyin, start, end))
        elif found and not found[-1].pinyin.startswith("er"):
            found[-1].pinyin = with_erhua(found[-1].pinyin)
            found[-1].end = max(end, found[-1].end)
        else:
            found.append(Syllable(char, "er2", start, end))
    return found
