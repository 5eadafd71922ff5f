"""What may not be said beside words: patterns, personal data, wrong titles, dates of events.

Patterns are staff's own, so they run on RE2, whose time grows with the length of the text only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import re2

from synthesis.screening import personal
from synthesis.screening.folding import ALL, CASE, DIGITS, INVISIBLE, SCRIPT, filler, form
from synthesis.screening.verdicts import Hit, Rule, RuleKind

Span = tuple[int, int]
Finder = Callable[[str], Iterable[Span]]
MAX_PATTERN = 500
MAX_DISTANCE = 200
# Patterns see a text without dress, but with its own words: 一 is no 1 and 麵 no 面 to them.
_AS_WRITTEN = ALL & ~(DIGITS | SCRIPT | CASE)

_EMAIL = r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = rf"(?:{_LABEL}\.){{1,6}}[A-Za-z]{{2,18}}(?::\d{{2,5}})?(?:/[A-Za-z0-9._~%#?&=+/-]{{0,200}})?"
_URL = r"(?i:https?|ftp)://[A-Za-z0-9._~%#?&=+/:@-]{1,400}"
_BYTE = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IP = rf"\b{_BYTE}(?:\.{_BYTE}){{3}}\b"

_TITLES = (
    "总书记|国家主席|副主席|主席团成员|主席|副总理|总理|国务委员|副委员长|委员长|政协主席|市委书记|省委书记|区委书记|县委书记|"
    "副书记|书记|副市长|市长|副省长|省长|副区长|区长|副县长|县长|副镇长|镇长|副乡长|乡长|副部长|部长|副厅长|厅长|"
    "副局长|局长|副处长|处长|副科长|科长|副主任|主任|副秘书长|秘书长|副院长|院长|副校长|校长|副所长|所长|常委|委员|代表|"
    "检察长|检察官|法官"
)


class RuleRefused(ValueError):
    """A rule that cannot be kept: which, and why."""

    def __init__(self, rule: Rule, reason: str) -> None:
        super().__init__(f"rule {rule.id or rule.kind}: {reason}")
        self.rule = rule
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _View:
    """A text in plain forms without what cannot be seen; character `i` stands at `places[i]`."""

    text: str
    places: list[int]

    def span(self, start: int, end: int) -> Span:
        return self.places[start], self.places[end - 1] + 1


class RuleBook:
    """The rules of a list, ready to be asked. Raises RuleRefused naming the first that cannot be kept."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._finders = [(rule, *finder_of(rule)) for rule in rules]

    def __bool__(self) -> bool:
        return bool(self._finders)

    def hits(self, text: str) -> list[Hit]:
        views = {mask: _view(text, mask) for mask in {mask for _, mask, _ in self._finders}}
        return [
            Hit(
                start=start,
                end=end,
                text=text[start:end],
                term="",
                category=rule.category,
                level=rule.level,
                rule=rule.id,
                suggestion=str(rule.parameters.get("suggestion", "")),
            )
            for rule, mask, find in self._finders
            for start, end in (views[mask].span(*span) for span in find(views[mask].text))
        ]


def _view(text: str, mask: int) -> _View:
    places = [place for place, char in enumerate(text) if filler(char) != INVISIBLE]
    # A sign that stands for several is left as it is: a view has a place for each of its characters.
    plain = (form(text[place], mask) for place in places)
    return _View(
        "".join(one if len(one) == 1 else text[place] for one, place in zip(plain, places, strict=True)),
        places,
    )


def finder_of(rule: Rule) -> tuple[int, Finder]:
    """The folds under which the rule sees a text, and what finds its spans there. Raises RuleRefused."""
    if rule.kind not in KINDS:
        raise RuleRefused(rule, f"no such kind: {rule.kind}")
    try:
        return KINDS[rule.kind](rule)
    except KeyError as missing:
        raise RuleRefused(rule, f"needs the parameter {missing}") from missing
    except (TypeError, ValueError) as error:
        raise RuleRefused(rule, str(error)) from error


def _pattern(rule: Rule) -> tuple[int, Finder]:
    """`pattern` in RE2's syntax; `case` true where capitals count."""
    written = rule.parameters["pattern"]
    if not isinstance(written, str) or not 0 < len(written) <= MAX_PATTERN:
        raise ValueError(f"a pattern has 1 to {MAX_PATTERN} characters")
    return _AS_WRITTEN, _compiled(written, ignore_case=not rule.parameters.get("case", False))


def _compiled(pattern: str, *, ignore_case: bool = False) -> Finder:
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not ignore_case
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0]
        raise ValueError(reason.decode() if isinstance(reason, bytes) else str(reason)) from error
    return lambda text: [match.span() for match in compiled.finditer(text) if match.end() > match.start()]


def _number(rule: Rule) -> tuple[int, Finder]:
    """`length`: from how many digits on (8)."""
    length = int(rule.parameters.get("length", 8))
    if not 3 <= length <= 30:
        raise ValueError("a number has 3 to 30 digits")
    gap = "[^0-9A-Za-z\\p{Han}]{0,8}" if rule.parameters.get("parted", False) else ""
    return _AS_WRITTEN, _compiled(rf"\d(?:{gap}\d){{{length - 1},}}")


def _url(rule: Rule) -> tuple[int, Finder]:
    """`bare`: also without a scheme (false), the host then being the hit."""
    return _AS_WRITTEN, _compiled(_HOST if rule.parameters.get("bare", False) else _URL)


def _name_title(rule: Rule) -> tuple[int, Finder]:
    """`name`, and `titles` that it may have; any other title before or behind it is a hit."""
    name, titles = str(rule.parameters["name"]), rule.parameters["titles"]
    if len(name) < 2 or not isinstance(titles, list) or not all(isinstance(title, str) for title in titles):
        raise ValueError("a name has two characters or more, and its titles are a list")
    allowed = frozenset(titles)
    known = "|".join(sorted({*_TITLES.split("|"), *allowed}, key=len, reverse=True))
    beside = re.compile(rf"(?P<before>{known})?\s?{re.escape(name)}\s?(?P<behind>{known})?")

    def find(text: str) -> Iterator[Span]:
        for match in beside.finditer(text):
            if {match["before"], match["behind"]} - allowed - {None}:
                yield match.span()

    return _AS_WRITTEN, find


def _event_date(rule: Rule) -> tuple[int, Finder]:
    """`words` of an event, `dates` as "MM-DD", and how many characters `within` which both stand (40)."""
    words = [str(word) for word in rule.parameters["words"]]
    days = [date.fromisoformat(f"2000-{day}") for day in rule.parameters["dates"]]
    within = int(rule.parameters.get("within", 40))
    if not words or not days or not 0 <= within <= MAX_DISTANCE:
        raise ValueError(f"words and dates are needed, and a distance up to {MAX_DISTANCE}")
    word = re.compile("|".join(re.escape("".join(map(form, word))) for word in words))
    day = re.compile("|".join(map(_day_pattern, days)))
    return ALL, lambda text: _near(text, word, day, within)


def _day_pattern(day: date) -> str:
    """As folded: 6月4日, 六月四号, 06-04, 6.4, 6·4."""
    month_word, day_word = _han_number(day.month), _han_number(day.day)
    spoken = rf"(?:0?{day.month}|{month_word})月(?:0?{day.day}|{day_word})[日号]?"
    return rf"(?<!\d){spoken}|(?<!\d)0?{day.month}[-./·]0?{day.day}(?!\d)"


def _han_number(number: int) -> str:
    """As the digits fold leaves it: 2十5 for 二十五."""
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else str(tens)) + ("十" if tens else "") + (str(ones) if ones or not tens else "")


def _near(text: str, word: re.Pattern[str], day: re.Pattern[str], within: int) -> Iterator[Span]:
    days = [match.span() for match in day.finditer(text)]
    for match in word.finditer(text) if days else ():
        for start, end in days:
            if start - match.end() <= within and match.start() - end <= within:
                yield min(start, match.start()), max(end, match.end())
                break


def _checked(find: Finder) -> Callable[[Rule], tuple[int, Finder]]:
    return lambda _rule: (ALL, find)


def _fixed(pattern: str) -> Callable[[Rule], tuple[int, Finder]]:
    return lambda _rule: (_AS_WRITTEN, _compiled(pattern))


KINDS: Mapping[RuleKind, Callable[[Rule], tuple[int, Finder]]] = {
    "pattern": _pattern,
    "identity_card": _checked(personal.identity_cards),
    "mobile": _checked(personal.mobiles),
    "bank_card": _checked(personal.bank_cards),
    "address": _checked(personal.addresses),
    "email": _fixed(_EMAIL),
    "url": _url,
    "ip": _fixed(_IP),
    "number": _number,
    "name_title": _name_title,
    "event_date": _event_date,
}
