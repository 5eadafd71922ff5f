"""Judges texts by a list given with them: a JSON object a line from the standard input, one a line out."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from functools import lru_cache
from typing import Any

from django.core.management.base import BaseCommand

from synthesis.screening.matcher import Matcher
from synthesis.screening.reference import SHIPPED
from synthesis.screening.rules import RuleRefused
from synthesis.screening.verdicts import Hit, Level, Options, Rule, RuleKind, Term

_OWN = {field.name for field in fields(Options)}
# What other filters call the same; a line that uses these gets their default for repeats as well.
_THEIRS = {
    "ignore_case": ("case",),
    "ignore_width": ("width",),
    "ignore_num_style": ("digits",),
    "ignore_english_style": ("styled", "lookalikes"),
    "ignore_chinese_style": ("script",),
    "ignore_repeat": ("repeats",),
    "english_word_match": ("whole_word",),
    "number_word_match": ("whole_number",),
    "skip_special_chars": ("spacing", "punctuation", "emoji", "markup"),
    "skip_chars": ("spacing", "punctuation", "emoji", "markup"),
}
_CHECKS: Mapping[str, RuleKind] = {
    "num_check": "number", "email_check": "email", "url_check": "url", "ipv4_check": "ip", "ip_check": "ip",
    "identity_card_check": "identity_card", "mobile_check": "mobile", "bank_card_check": "bank_card",
    "address_check": "address",
}  # fmt: skip
# How hits are chosen or what is done with them, and lengths that checks read.
_BESIDE = {"prefer", "mode", "wildcards", "replace_char", "replace_map", "num_check_len", "url_no_prefix"}


def verdicts(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """The verdict on each line, in order; a line that cannot be judged gets its fault and its number."""
    for number, line in enumerate(lines, start=1):
        try:
            yield judged(_asked(line))
        except (ValueError, RuleRefused) as error:
            yield {"error": str(error), "line": number}


def judged(asked: Mapping[str, Any]) -> dict[str, Any]:
    """`{"text", "deny"?, "allow"?, "options"?}` -> `{"verdict", "hits"}`. Raises ValueError."""
    options = {**asked.get("options", {}), **{key: asked[key] for key in ("mode", "prefer") if key in asked}}
    matcher = _matcher(
        json.dumps(asked.get("deny"), ensure_ascii=False),
        json.dumps(asked.get("allow") or [], ensure_ascii=False),
        json.dumps(options, sort_keys=True, ensure_ascii=False),
    )
    hits = _chosen(matcher, asked["text"], options)
    level = max((hit.level for hit in hits), key=lambda one: one.severity, default="pass")
    return {"verdict": str(level), "hits": list(map(_told, hits))}


def _told(hit: Hit) -> dict[str, Any]:
    return {
        "start": hit.start,
        "end": hit.end,
        "text": hit.text,
        "term": hit.term or hit.rule,
        "category": hit.category,
        "level": str(hit.level),
    }


def _chosen(matcher: Matcher, text: str, options: Mapping[str, Any]) -> list[Hit]:
    if options.get("mode") == "all_overlapping":
        return matcher.find_all(text)
    if options.get("mode") != "leftmost" and "prefer" not in options:
        return list(matcher.judge(text).hits)
    wants_shortest = options.get("prefer") == "shortest"
    hits = sorted(
        matcher.find_all(text), key=lambda hit: (hit.start, hit.end if wants_shortest else -hit.end)
    )
    chosen: list[Hit] = []
    for hit in hits:
        is_same = bool(chosen) and (hit.start, hit.end) == (chosen[-1].start, chosen[-1].end)
        if not chosen or hit.start >= chosen[-1].end or is_same:
            chosen.append(hit)
    return chosen


@lru_cache(maxsize=64)
def _matcher(deny: str, allow: str, options: str) -> Matcher:
    """Made once for neighbouring lines with the same list."""
    wanted = json.loads(options)
    folds = _folds(wanted)
    listed = json.loads(deny)
    if listed is None:
        terms = [
            Term(word, shipped.category.value, shipped.level, folds)
            for shipped in SHIPPED
            for word in shipped.words
        ]
        return Matcher(terms, json.loads(allow), _checks(wanted))
    entries = list(map(_entry, listed))
    if wanted.get("wildcards"):
        return Matcher([], json.loads(allow), [*_checks(wanted), *map(_wildcard, entries)])
    terms = [Term(one["text"], one.get("category", ""), _level(one), folds) for one in entries]
    return Matcher(terms, json.loads(allow), _checks(wanted))


def _folds(wanted: Mapping[str, Any]) -> Options:
    unknown = sorted(wanted.keys() - _OWN - _THEIRS.keys() - _CHECKS.keys() - _BESIDE)
    if unknown:
        raise ValueError(f"no such option: {', '.join(unknown)}")
    chosen: dict[str, Any] = {"repeats": False} if wanted.keys() & _THEIRS.keys() else {}
    for theirs, ours in _THEIRS.items():
        if theirs in wanted:
            chosen.update(dict.fromkeys(ours, bool(wanted[theirs])))
    if wanted.get("english_word_match") and wanted.get("number_word_match"):
        chosen["whole_mixed"] = True
    return Options(**{**chosen, **{key: wanted[key] for key in wanted.keys() & _OWN}})


def _checks(wanted: Mapping[str, Any]) -> list[Rule]:
    parameters = {
        "number": {
            "length": wanted.get("num_check_len", 8),
            "parted": bool(wanted.get("skip_special_chars") or wanted.get("skip_chars")),
        },
        "url": {"bare": bool(wanted.get("url_no_prefix"))},
    }
    return [
        Rule(kind, kind, kind, parameters=parameters.get(kind, {}))
        for key, kind in _CHECKS.items()
        if wanted.get(key)
    ]


def _entry(listed: Any) -> dict[str, Any]:
    entry = {"text": listed} if isinstance(listed, str) else listed
    if not isinstance(entry, dict) or not isinstance(entry.get("text"), str):
        raise ValueError('"deny" is a list of words, or of objects with a string "text"')
    return entry


def _wildcard(entry: Mapping[str, Any]) -> Rule:
    return Rule(
        entry["text"], entry.get("category", ""), "pattern", _level(entry), {"pattern": entry["text"]}
    )


def _level(entry: Mapping[str, Any]) -> Level:
    return Level(entry.get("level", Level.BLOCK))


def _asked(line: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(line)
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(asked, dict) or not isinstance(asked.get("text"), str):
        raise ValueError('not an object with a string "text"')
    for key, kind in (("deny", list), ("allow", list), ("options", dict)):
        if asked.get(key) is not None and not isinstance(asked[key], kind):
            raise ValueError(f'"{key}" is a {kind.__name__}')
    return {key: value for key, value in asked.items() if value is not None}


class Command(BaseCommand):
    help = "按给定的词表检查文本，每行一个 JSON / judge texts by a list given with them, a JSON object a line"
    requires_system_checks = []  # it needs no database

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--jsonl",
            action="store_true",
            required=True,
            help='从标准输入逐行读取 {"text", "deny", "allow", "options"} / a JSON object a line in, one out',
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for found in verdicts(sys.stdin.buffer):
            # A lone surrogate in a text has no UTF-8: such a line falls back to escapes.
            line = json.dumps(found, ensure_ascii=False)
            is_plain = not any("\ud800" <= char <= "\udfff" for char in line)
            self.stdout.write(line if is_plain else json.dumps(found))
            self.stdout.flush()
