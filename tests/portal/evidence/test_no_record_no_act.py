"""Where the evidence cannot be written, the portal does nothing and says so; afterwards it goes on."""

from __future__ import annotations

import pytest

from accounts.models import Client
from govvoice.broadcasts.models import Broadcast
from synthesis.models import Voice
from tests.api.cast import open_hotline
from tests.portal.broadcasts.cast import FIELDS, Official, official
from tests.stage import as_the_application, no_evidence

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("flushable", "nothing_remembered"),
]


@pytest.fixture
def officials(voice: Voice) -> dict[str, Official]:
    made = {role: official(role) for role in ("editor", "security_admin", "auditor")}
    for one in made.values():
        one.browser.raise_request_exception = False
    return made


def test_a_broadcast_is_not_written_without_its_event(officials: dict[str, Official]) -> None:
    with no_evidence():
        answer = officials["editor"].press("broadcast-new", **FIELDS)
        assert answer.status_code == 503
        assert "审计日志暂时无法写入，本次操作未执行。" in answer.content.decode()
        assert not Broadcast.objects.exists()
    with as_the_application():
        assert officials["editor"].press("broadcast-new", **FIELDS).status_code == 302
        assert Broadcast.objects.exists()


def test_a_client_is_not_closed_without_its_event(officials: dict[str, Official]) -> None:
    client = open_hotline().row
    with no_evidence():
        answer = officials["security_admin"].press("client-switch", client.code)
        assert answer.status_code == 503
        assert "审计日志暂时无法写入，本次操作未执行。" in answer.content.decode()
        assert Client.objects.get(pk=client.pk).is_active
    with as_the_application():
        assert officials["security_admin"].press("client-switch", client.code).status_code == 302


def test_the_log_is_not_searched_without_an_event(officials: dict[str, Official]) -> None:
    with no_evidence():
        assert officials["auditor"].see("evidence").status_code == 503
    with as_the_application():
        assert officials["auditor"].see("evidence").status_code == 200
