"""Brings the English catalogue in step with the source and compiles it: makemessages without gettext.

The source language is Chinese. Babel reads the Python files itself; templates go through Django's own
templatize(), whose output is not quite Python, so Babel's laxer JavaScript reader takes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation.template import templatize

ROOMS = ("accounts", "audit", "synthesis", "platform/govvoice", "templates")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
}
CATALOGUE = Path(settings.LOCALE_PATHS[0]) / "en" / "LC_MESSAGES" / "django.po"


class Command(BaseCommand):
    help = "提取界面文字，更新并编译英文翻译 / update and compile the English catalogue (needs Babel)"
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        from babel.messages.pofile import write_po

        catalogue = updated()
        with CATALOGUE.open("wb") as file:
            write_po(file, catalogue, width=108, no_location=True, sort_output=True)
        CATALOGUE.with_suffix(".mo").write_bytes(compiled(catalogue))
        missing = untranslated(catalogue)
        self.stdout.write(f"{len(catalogue)} 条，未翻译 {len(missing)} 条")
        if missing:
            raise CommandError("缺少英文翻译：\n" + "\n".join(missing))


def updated() -> Any:
    """The catalogue as it stands, with what the source says now; what it says no longer is dropped."""
    from babel.messages.catalog import Catalog

    catalogue = read()
    # Its own date, so that the same source gives the same file.
    found: Any = Catalog(creation_date=catalogue.creation_date)
    for message in extracted():
        found.add(message)
    catalogue.update(found, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def read() -> Any:
    from babel.messages.pofile import read_po

    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def compiled(catalogue: Any) -> bytes:
    from babel.messages.mofile import write_mo

    buffer = BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def untranslated(catalogue: Any) -> list[str]:
    return [str(message.id) for message in catalogue if message.id and not all(_strings(message))]


def extracted() -> Iterator[Any]:
    """Every message of the source: a string, or singular and plural."""
    from babel.messages.extract import extract

    for path in _sources():
        text = path.read_text(encoding="utf-8")
        method = "python" if path.suffix == ".py" else "javascript"
        source = text if path.suffix == ".py" else templatize(text, origin=str(path))
        for _line, message, _comments, _context in extract(method, BytesIO(source.encode()), KEYWORDS):
            if message:
                yield message


def _sources() -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((settings.BASE_DIR / room).rglob("*")):
            if path.suffix in {".py", ".html"} and "migrations" not in path.parts:
                yield path


def _strings(message: Any) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)
