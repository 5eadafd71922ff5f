"""One record, one line: what a caller wrote cannot begin a line of its own in the log."""

from __future__ import annotations

import logging


class OneLineFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return "".join(sign if sign.isprintable() else _escaped(sign) for sign in super().format(record))


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")
