"""Names voices that must not go into service: `manage.py check --deploy`."""

from __future__ import annotations

from typing import Any

from django.core import checks
from django.db import DatabaseError

from synthesis.licences import none_cleared
from synthesis.models import Voice


@checks.register(checks.Tags.security, deploy=True)
def some_voice_may_be_used(**kwargs: Any) -> list[checks.CheckMessage]:
    """Silent while there is no database to ask: the check also runs where images are built."""
    try:
        voices = list(Voice.objects.filter(is_active=True, speaker__is_active=True))
    except DatabaseError:
        return []
    if not none_cleared(voices):
        return []
    return [
        checks.Warning(
            "启用的发音人授权均未核实 (no voice in service is cleared for more than trying out).",
            hint="在门户“发音人”中核实授权，或安装本单位有权使用的模型 (docs/voices.md)",
            id="synthesis.W001",
        )
    ]
