from __future__ import annotations

import pytest

from audit.models import Event
from synthesis.models import Voice
from tests.portal.broadcasts.cast import official

pytestmark = pytest.mark.django_db


def test_a_new_list_leaves_a_line(flushable: None, nothing_remembered: None, voice: Voice) -> None:
    security = official("security_admin")
    fields = {
        "name": "新词库",
        "category": "other",
        "level": "block",
        "gap": 0,
        "place": "all:",
        "effective_from": "2026-01-01",
    }
    assert security.press("wordlist-new", **fields).status_code == 302
    assert Event.objects.get(action="wordlist.created").actor_id == str(security.staff.pk)
