"""Reads the environment, and says which variable is wrong instead of going on with a guess."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import partial
from ipaddress import ip_network
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    """The value of `name`, or of the file that `name`_FILE points at (Docker and Kubernetes secrets).

    Raises ImproperlyConfigured when neither is set and there is no default.
    """
    if value := os.environ.get(name):
        return value
    if path := os.environ.get(f"{name}_FILE"):
        return _read(name, Path(path))
    if default is None:
        raise ImproperlyConfigured(
            f"缺少环境变量 {name} (或 {name}_FILE) / {name} or {name}_FILE must be set"
        )
    return default


def later(name: str) -> Callable[[], str]:
    """Reads a secret when it is asked for, "" if unset: a process without need of it never holds it."""
    return partial(text, name, "")


def integer(name: str, default: int) -> int:
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r} 不是整数 / is not a whole number") from None


def choice(name: str, options: tuple[str, ...], default: str) -> str:
    value = text(name, default)
    if value not in options:
        raise ImproperlyConfigured(f"{name}={value!r} 应为 / must be one of: {', '.join(options)}")
    return value


def items(name: str, default: str | None = "") -> list[str]:
    """A comma-separated list, blanks dropped; with None for a default it must be set."""
    return [item.strip() for item in text(name, default).split(",") if item.strip()]


def networks(name: str) -> list[str]:
    """A comma-separated list of networks in CIDR form."""
    values = items(name)
    for value in values:
        try:
            ip_network(value)
        except ValueError:
            raise ImproperlyConfigured(f"{name}: {value!r} 不是网段 / is not a network") from None
    return values


def header(name: str) -> str:
    """A request header by its name, as WSGI's environ has it: X-Client-Cert is HTTP_X_CLIENT_CERT."""
    value = text(name, "")
    if value and not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", value):
        raise ImproperlyConfigured(f"{name}={value!r} 不是请求头的名称 / is not the name of a header")
    return f"HTTP_{value.upper().replace('-', '_')}" if value else ""


def _read(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE={path}: {error.strerror}") from None
