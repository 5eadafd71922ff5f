"""The WSGI application: REST API and portal."""

from __future__ import annotations

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "govvoice.settings")


class Request(WSGIRequest):
    """Django fails on a Content-Type with a parameter in a character set that does not exist (RFC 2231), and
    so early that nothing of ours could answer: here a type that cannot be read is none."""

    def __init__(self, environ: dict[str, Any]) -> None:
        try:
            super().__init__(environ)
        except ValueError:
            super().__init__(environ | {"CONTENT_TYPE": ""})


class Handler(WSGIHandler):
    request_class = Request


django.setup(set_prefix=False)
application = Handler()
