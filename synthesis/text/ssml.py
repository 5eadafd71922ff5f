"""SSML: the subset that W3C's and Alibaba's dialects share, read by one parser that opens nothing.

Elements: speak, break, s, p, w, sub, say-as, phoneme (alphabet py), prosody, emotion, voice. Entities,
document types and processing instructions are refused before they can do anything; depth, attributes and
length are bounded. A break before the first or after the last word has nothing to part and is not heard.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import NoReturn, TypeVar
from xml.parsers import expat

from synthesis.text.characters import Folded, fold
from synthesis.text.delivery import ValueRefused, break_seconds, manner
from synthesis.text.lexicon import Lexicon
from synthesis.text.making import script_of
from synthesis.text.normalise import normalise
from synthesis.text.say_as import NAMES, say_as, shifted
from synthesis.text.script import Manner, Phrase, Script, Syllable, Unreadable
from synthesis.text.syllables import is_speakable
from synthesis.text.tokens import Island, Kind, Span, Token

MAX_DEPTH = 16
MAX_ATTRIBUTES = 16
MAX_LENGTH = 200_000
# Silence costs memory like sound: so many seconds may all breaks ask for together.
MAX_SILENCE = 300.0
_NAMESPACE = "http://www.w3.org/2001/10/synthesis"
_COMMON = frozenset({"xml:lang", "xmlns", "version"})
_ATTRIBUTES: dict[str, frozenset[str]] = {
    "speak": frozenset({"voice", "rate", "pitch", "volume"}) | _COMMON,
    "break": frozenset({"time", "strength"}),
    "s": frozenset({"xml:lang"}),
    "p": frozenset({"xml:lang"}),
    "w": frozenset({"role"}),
    "sub": frozenset({"alias"}),
    "say-as": frozenset({"interpret-as", "format", "detail"}),
    "phoneme": frozenset({"alphabet", "ph"}),
    "prosody": frozenset({"rate", "pitch", "volume"}),
    "emotion": frozenset({"category", "intensity"}),
    "voice": frozenset({"name"}),
}
_NEEDED = {
    "sub": "alias", "say-as": "interpret-as", "phoneme": "ph", "emotion": "category", "voice": "name"
}  # fmt: skip
_TEXT_ONLY = frozenset({"w", "sub", "say-as", "phoneme"})
_MANNERED = frozenset({"speak", "prosody", "emotion", "voice"})
_UNDEFINED_ENTITY = expat.errors.codes[expat.errors.XML_ERROR_UNDEFINED_ENTITY]
_RECURSIVE_ENTITY = expat.errors.codes[expat.errors.XML_ERROR_RECURSIVE_ENTITY_REF]
_Placed = TypeVar("_Placed", Phrase, Syllable, Unreadable)
_RESTS = {"s": 0.4, "p": 0.6}  # seconds of silence after it


class SsmlError(ValueError):
    """SSML that cannot be spoken: why, and where (`line` and `column` from 1, `position` from 0)."""

    def __init__(self, code: str, message: str, *, line: int, column: int, position: int) -> None:
        super().__init__(f"line {line}, column {column}: {message}")
        self.code = code
        self.message = message
        self.line = line
        self.column = column
        self.position = position


@dataclass(frozen=True, slots=True)
class Markup:
    """SSML that was understood, but not yet read aloud.

    `text` is what is spoken, joined over all tags: what screening has to see. `places` holds for each of its
    characters the place in `source`. `voices` are the names that are asked for, with the place of the first
    tag that does. `settled` is what the tags settle, by places of `text`.
    """

    source: str
    text: str
    places: tuple[Span, ...]
    voices: Mapping[str, int]
    settled: tuple[Island, ...]

    @property
    def spoken(self) -> str:
        """The text with its white space squeezed: indenting tags says nothing and costs nothing."""
        return " ".join(self.text.split())

    def heard(self) -> tuple[str, list[Span]]:
        """The text with the syllables of phonemes in the place of what is written, and its places.

        Screening has to see this as well: any syllables may be given to any characters.
        """
        pieces: list[str] = []
        places: list[Span] = []
        done = 0
        for island in self.settled:
            if [token.kind for token in island.tokens] == [Kind.FIXED]:
                said = " ".join(island.tokens[0].readings)
                pieces += self.text[done : island.start], said
                places += [*self.places[done : island.start], *[self.places[island.start]] * len(said)]
                done = island.end
        return "".join([*pieces, self.text[done:]]), [*places, *self.places[done:]]


@dataclass(slots=True)
class _Element:
    name: str
    attributes: dict[str, str]
    manner: Manner | None
    start: int  # of its text, in the joined text
    position: int


@dataclass(slots=True)
class _Document:
    """The joined text, the place of each of its characters in the source, and what the tags settle."""

    source: str
    text: list[str] = field(default_factory=list)
    places: list[Span] = field(default_factory=list)
    voices: dict[str, int] = field(default_factory=dict)
    settled: list[Island] = field(default_factory=list)


def read_markup(ssml: str) -> Markup:
    """Understand SSML. Raises SsmlError; time and memory grow with the length only."""
    document = _Reader(ssml).document
    return Markup(
        ssml, "".join(document.text), tuple(document.places), document.voices, tuple(document.settled)
    )


def make_markup_script(
    markup: Markup,
    *,
    max_syllables: int = 40,
    lexicons: Mapping[str | None, Lexicon] | None = None,
    name_emoji: bool = False,
) -> Script:
    """Make SSML ready to speak, as `make_script` does with plain text.

    Spans of the script point into the SSML; the `text` of its phrases has no tags. `lexicons` has one for
    each name in `markup.voices`, and under None that of the voice that speaks everything else.
    """
    lexicons = lexicons or {}
    rare = frozenset[str]().union(_given(markup), *(lexicon.rare for lexicon in lexicons.values()))
    folded = fold(markup.text, name_emoji=name_emoji, keep=rare)
    settled = [
        Island(
            bisect_left(folded.starts, island.start), bisect_left(folded.starts, island.end), island.tokens
        )
        for island in markup.settled
    ]
    islands = _apart(settled, _found(settled, folded, lexicons))
    return _in_source(script_of(folded, islands, max_syllables=max_syllables), markup)


def _given(markup: Markup) -> Iterator[str]:
    """The characters that the author wrote the reading of."""
    for island in markup.settled:
        for token in island.tokens:
            if token.kind is Kind.FIXED:
                yield from token.text


def line_and_column(source: str, position: int) -> tuple[int, int]:
    """Both from 1, as editors count."""
    return source.count("\n", 0, position) + 1, position - source.rfind("\n", 0, position)


def _found(
    settled: Iterable[Island], folded: Folded, lexicons: Mapping[str | None, Lexicon]
) -> Iterator[Island]:
    """What each voice's own lexicon knows of the parts that this voice speaks."""
    cuts = [(island.start, token.manner) for island in settled for token in island.tokens if _is_cut(token)]
    starts = [start for start, _manner in cuts]
    voices = [manner.voice if manner else None for _start, manner in cuts]
    for voice, lexicon in lexicons.items():
        for island in lexicon.islands(folded):
            cut = bisect_right(starts, island.start)
            if voice == (voices[cut - 1] if cut else None):
                yield island


def _is_cut(token: Token) -> bool:
    return token.kind is Kind.CUT


def _apart(settled: list[Island], found: Iterable[Island]) -> list[Island]:
    """The author's word comes before the lexicon's; `found` is kept where it touches nothing settled."""
    starts = [island.start for island in settled]
    kept = list(settled)
    for island in found:
        # An island that begins before this one ends, and ends after it begins, is in the way.
        nearby = settled[max(0, bisect_left(starts, island.start) - 1) : bisect_left(starts, island.end)]
        if not any(other.end > island.start or other.start > island.start for other in nearby):
            kept.append(island)
    return sorted(kept, key=lambda island: (island.start, island.end))


def _in_source(script: Script, markup: Markup) -> Script:
    """The same script with all places pointing into the SSML."""

    def place(start: int, end: int) -> Span:
        if start == end:
            at = markup.places[start][0] if start < len(markup.places) else len(markup.source)
            return at, at
        return markup.places[start][0], markup.places[end - 1][1]

    def moved(record: _Placed) -> _Placed:
        start, end = place(record.start, record.end)
        return replace(record, start=start, end=end)

    return replace(
        script,
        text=markup.source,
        phrases=tuple(map(moved, script.phrases)),
        unreadable=tuple(map(moved, script.unreadable)),
        syllables=tuple(map(moved, script.syllables)),
        spans=tuple(place(start, end) for start, end in script.spans),
    )


class _Reader:
    """Handlers of one parse. Places in the source are known from the parser's byte offsets."""

    def __init__(self, source: str) -> None:
        self.document = _Document(source)
        self._open: list[_Element] = []
        self._silence = 0.0  # seconds of breaks so far
        self._counted = (0, 0)  # bytes, and the characters that they are
        if len(source) > MAX_LENGTH:
            self._refuse("ssml_too_long", f"longer than {MAX_LENGTH} characters", MAX_LENGTH)
        self._bytes = self._encoded(source)
        self._parse()

    def _encoded(self, source: str) -> bytes:
        try:
            return source.encode()
        except UnicodeEncodeError as error:
            self._refuse("ssml_invalid", "a lone surrogate is no character", error.start)

    def _parse(self) -> None:
        parser = self._parser = expat.ParserCreate("utf-8")
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._doctype
        parser.ProcessingInstructionHandler = self._instruction
        parser.StartCdataSectionHandler = self._cdata
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        try:
            parser.Parse(self._bytes, True)
        except expat.ExpatError as error:
            undefined = error.code in {_UNDEFINED_ENTITY, _RECURSIVE_ENTITY}
            code = "ssml_entity_forbidden" if undefined else "ssml_invalid"
            self._refuse(code, expat.ErrorString(error.code), self._position(parser.ErrorByteIndex))

    def _refuse(self, code: str, message: str, position: int) -> NoReturn:
        line, column = line_and_column(self.document.source, position)
        raise SsmlError(code, message, line=line, column=column, position=position)

    def _position(self, index: int | None = None) -> int:
        """The character at a byte: bytes are counted once, since they only go forwards."""
        wanted = self._parser.CurrentByteIndex if index is None else index
        done, characters = self._counted
        if wanted < done:
            return len(self._bytes[:wanted].decode(errors="ignore"))
        characters += len(self._bytes[done:wanted].decode(errors="ignore"))
        self._counted = (wanted, characters)
        return characters

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if version != "1.0" or (encoding or "utf-8").lower() != "utf-8":
            self._refuse("ssml_invalid", "only XML 1.0 in UTF-8 is read", self._position())

    def _doctype(self, *_: object) -> None:
        self._refuse("ssml_entity_forbidden", "document types and entities are not read", self._position())

    def _instruction(self, target: str, _: str) -> None:
        self._refuse(
            "ssml_tag_forbidden", f"processing instructions are not read: {target}", self._position()
        )

    def _cdata(self) -> None:
        self._refuse("ssml_invalid", "CDATA sections are not read", self._position())

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        position = self._position()
        self._check_place(name, attributes, position)
        outer = self._open[-1].manner if self._open else None
        element = _Element(name, attributes, outer, len(self.document.text), position)
        self._open.append(element)
        try:
            self._begin(element)
        except ValueRefused as refused:
            self._refuse(refused.code, f"<{name}>: {refused}", position)

    def _check_place(self, name: str, attributes: dict[str, str], position: int) -> None:
        if len(self._open) >= MAX_DEPTH or len(attributes) > MAX_ATTRIBUTES:
            self._refuse(
                "ssml_too_deep",
                f"more than {MAX_DEPTH} elements in each other, or {MAX_ATTRIBUTES} attributes",
                position,
            )
        if name not in _ATTRIBUTES:
            self._refuse("ssml_tag_forbidden", f"<{name}> is not one of {', '.join(_ATTRIBUTES)}", position)
        if (name == "speak") != (not self._open):
            self._refuse("ssml_invalid", "one <speak> has to hold everything", position)
        if self._open and self._open[-1].name in _TEXT_ONLY | {"break"}:
            self._refuse("ssml_invalid", f"<{self._open[-1].name}> holds no elements", position)
        self._check_attributes(name, attributes, position)

    def _check_attributes(self, name: str, attributes: dict[str, str], position: int) -> None:
        unknown = attributes.keys() - _ATTRIBUTES[name]
        if unknown:
            self._refuse("ssml_invalid", f"<{name}> has no attribute {min(unknown)!r}", position)
        if attributes.get("xmlns", _NAMESPACE) != _NAMESPACE:
            self._refuse("ssml_invalid", f"the namespace of SSML is {_NAMESPACE}", position)
        needed = _NEEDED.get(name)
        if needed and not attributes.get(needed, "").strip():
            self._refuse("ssml_invalid", f"<{name}> needs the attribute {needed!r}", position)

    def _begin(self, element: _Element) -> None:
        if element.name == "break":
            self._pause(break_seconds(element.attributes), element.manner)
        elif element.name in _MANNERED:
            asked = manner(element.attributes, around=element.manner or Manner())
            if asked != Manner():
                element.manner = _within(element.manner, asked)
                self._cut(0.0, element.manner)
            if asked.voice:
                self.document.voices.setdefault(asked.voice, element.position)
        elif element.name in _RESTS:
            self._cut(0.0, element.manner)
        elif element.name == "say-as" and element.attributes["interpret-as"] not in NAMES:
            raise ValueRefused("say_as_unknown", f"interpret-as is none of {', '.join(sorted(NAMES))}")
        elif element.name == "phoneme":
            _check_phonemes(element.attributes)

    def _end(self, name: str) -> None:
        element = self._open.pop()
        outer = self._open[-1].manner if self._open else None
        if name in _TEXT_ONLY:
            self._settle(element)
        elif name in _RESTS:
            self._cut(_RESTS[name], outer)
        elif name in _MANNERED and element.manner != outer:
            self._cut(0.0, outer)

    def _pause(self, seconds: float, wanted: Manner | None) -> None:
        self._silence += seconds
        if self._silence > MAX_SILENCE:
            raise ValueRefused("break_range", f"more than {MAX_SILENCE:g}s of breaks altogether")
        self._cut(seconds, wanted)

    def _cut(self, pause: float, wanted: Manner | None) -> None:
        place = len(self.document.text)
        self._know(place, (Token(Kind.CUT, "", (), pause=pause, manner=wanted),))

    def _know(self, start: int, tokens: tuple[Token, ...]) -> None:
        """The text from `start` to here is these tokens, whatever the rules would make of it."""
        self.document.settled.append(Island(start, len(self.document.text), tokens))

    def _settle(self, element: _Element) -> None:
        """Give the text of an element that knows how it is read its tokens."""
        start, end = element.start, len(self.document.text)
        text = "".join(self.document.text[start:])
        if not text.strip():
            self._refuse("ssml_invalid", f"<{element.name}> holds no text", element.position)
        if element.name == "sub":
            self._say_instead(element)
        elif element.name == "say-as":
            self._know(start, shifted(list(say_as(element.attributes["interpret-as"], text)), start))
        elif element.name == "w":
            words = [replace(token, whole=True) for token in normalise(fold(text))]
            self._know(start, shifted(words, start))
        else:
            spans = tuple((place, place + 1) for place in range(start, end))
            readings = tuple(element.attributes["ph"].split())
            self._know(start, (Token(Kind.FIXED, text, spans, readings),))

    def _say_instead(self, element: _Element) -> None:
        """The alias takes the place of what is written, in the text that is spoken and screened."""
        document, alias = self.document, element.attributes["alias"]
        whole = (document.places[element.start][0], document.places[-1][1])
        document.text[element.start :] = alias
        document.places[element.start :] = [whole] * len(alias)

    def _characters(self, data: str) -> None:
        position = self._position()
        if self._open[-1].name == "break" and data.strip():
            self._refuse("ssml_invalid", "<break> holds no text", position)
        self.document.text += data
        self.document.places += self._places(data, position)

    def _places(self, data: str, position: int) -> Iterator[Span]:
        """The parser hands out each line, line end and reference on its own."""
        source = self.document.source
        if source[position] == "&":
            end = source.index(";", position) + 1
            yield from [(position, end)] * len(data)
        elif data == "\n" and source[position : position + 2] == "\r\n":
            yield position, position + 2
        else:
            yield from ((place, place + 1) for place in range(position, position + len(data)))


def _within(outer: Manner | None, asked: Manner) -> Manner:
    """The inner element wins where it says something."""
    if outer is None:
        return asked
    said = {item.name: getattr(asked, item.name) for item in fields(asked)}
    return replace(outer, **{name: value for name, value in said.items() if value is not None})


def _check_phonemes(attributes: dict[str, str]) -> None:
    if attributes.get("alphabet", "py") != "py":
        raise ValueRefused("phoneme_invalid", f"alphabet {attributes['alphabet']!r} is not py")
    for syllable in attributes["ph"].split():
        if not is_speakable(syllable):
            raise ValueRefused(
                "phoneme_invalid", f"{syllable!r} is no pinyin syllable with a tone from 1 to 5"
            )
