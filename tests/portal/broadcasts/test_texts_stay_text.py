"""What people type is shown as it was typed, wherever it is shown, and never run."""

from __future__ import annotations

import pytest
from django.utils.html import escape

from tests.portal.broadcasts.cast import Official, submitted

pytestmark = pytest.mark.django_db

NASTY = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "</script><b>"]


@pytest.mark.abuse(95)
@pytest.mark.parametrize("nasty", NASTY)
def test_titles_and_texts_are_escaped_everywhere(editor: Official, reviewer: Official, nasty: str) -> None:
    broadcast = submitted(editor, title=nasty, text=f"正文。{nasty}")
    pages = [
        editor.see("broadcast-list"),
        editor.see("broadcast-list", q=nasty),
        editor.see("rendition-list"),
        editor.see("broadcast-review", broadcast.code),
        reviewer.see("broadcast-queue"),
        reviewer.see("broadcast-review", broadcast.code),
    ]
    reviewer.press("broadcast-return", broadcast.code, reason=nasty)
    pages.append(editor.see("broadcast-edit", broadcast.code))
    for number, response in enumerate(pages):
        page = response.content.decode()
        assert "<script>alert" not in page, number
        assert "<img src=x" not in page, number
        assert "</script><b>" not in page, number
        assert escape(nasty) in page, number
