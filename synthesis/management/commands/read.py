"""Shows how a text is read: one text, or a JSON object a line from the standard input."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from synthesis.text import load, make_script


def readings(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """The reading of each line, in order; a line that is no `{"text": ...}` gets its fault and its number."""
    for number, line in enumerate(lines, start=1):
        try:
            yield make_script(_text_of(line), name_emoji=settings.NAME_EMOJI).as_dict()
        except ValueError as error:
            yield {"error": str(error), "line": number}


def _text_of(line: bytes) -> str:
    try:
        wanted = json.loads(line)
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(wanted, dict) or not isinstance(wanted.get("text"), str):
        raise ValueError('not an object with a string "text"')
    return str(wanted["text"])


class Command(BaseCommand):
    help = "显示文本的读法：规整结果、拼音、停顿 / show how a text is read"
    requires_system_checks = []  # it needs no database

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("text", nargs="?", help="要读的文本 / the text")
        parser.add_argument(
            "--jsonl",
            action="store_true",
            help='从标准输入逐行读取 {"text": ...}，逐行输出 / a JSON object a line in, one a line out',
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["jsonl"] == (options["text"] is not None):
            raise CommandError("give either a text or --jsonl / 请给出文本，或使用 --jsonl")
        if not options["jsonl"]:
            found = make_script(options["text"], name_emoji=settings.NAME_EMOJI).as_dict()
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))
            return
        load()
        for found in readings(sys.stdin.buffer):
            # A lone surrogate in a text has no UTF-8: such a line falls back to escapes.
            line = json.dumps(found, ensure_ascii=False)
            self.stdout.write(line if _encodable(line) else json.dumps(found))
            self.stdout.flush()


def _encodable(line: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in line)
