from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Client, ClientNetwork, Organisation
from accounts.services import issue_key
from audit.parties import SYSTEM
from govvoice.portal.home import today
from synthesis.models import Voice
from tests.portal.broadcasts.cast import Official, approved, draft, official, published, submitted
from tests.portal.screening.cast import held
from tests.synthesis.screening.cast import pending

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clean_stage(flushable: None, nothing_remembered: None, voice: Voice) -> None:
    """Roles, a voice, and no counters."""


def values(tiles: list[today.Tile]) -> dict[str, int]:
    return {tile.label: tile.value for tile in tiles}


def test_each_sees_what_waits_for_him(editor: Official, reviewer: Official) -> None:
    draft(editor)
    submitted(editor)
    approved(editor, reviewer)
    held()
    held("别的部门的内部消息。", organisation="water")
    pending(official("security_admin"), "新词")
    assert values(today.waiting(reviewer.staff)) == {
        "待我审核": 1,
        "待我审批的词条": 0,
        "待审文本": 1,
        "待我审批的词库": 1,
        "待发布": 1,
    }
    assert values(today.waiting(editor.staff)) == {"退回我修改": 0, "我的草稿": 1}
    assert today.waiting_count(reviewer.staff) == 4
    assert today.waiting_count(editor.staff) == 0, "a draft presses nobody"
    assert '<b class="gv-header__count">4</b>' in reviewer.see("help").content.decode()


def test_what_is_on_air_is_listed_and_leads_on(editor: Official, reviewer: Official) -> None:
    broadcast = published(editor, reviewer)
    page = editor.see("index").content.decode()
    assert broadcast.title in page
    assert f"/portal/broadcasts/{broadcast.code}" in page
    neighbour = official("reviewer", "neighbour", organisation="civil-affairs")
    assert broadcast.title not in neighbour.see("index").content.decode()
    assert values(today.figures(neighbour.staff))["播出中"] == 0


def test_a_key_near_its_end_and_a_client_without_network_are_pointed_out() -> None:
    security_admin = official("security_admin")
    client = Client.objects.create(
        code="hotline", name="热线", organisation=Organisation.objects.get(code="default")
    )
    soon = timezone.now() + timedelta(days=5)
    issue_key(client=client, expires_at=soon, actor=SYSTEM, origin=None)
    assert values(today.waiting(security_admin.staff)) == {
        "即将到期的密钥": 1,
        "未设网段的接入系统": 1,
        "待我审批的词库": 0,
        "待授权的账号": 0,
        "待确认的安全策略": 0,
    }
    ClientNetwork.objects.create(client=client, network="10.0.0.0/8")
    assert values(today.waiting(security_admin.staff))["未设网段的接入系统"] == 0


def test_the_state_of_the_platform_names_what_is_missing(editor: Official) -> None:
    page = editor.see("alarms").content.decode()
    assert "数据库" in page
    assert "异常" in page, "no sealer runs here"
    assert "新记录尚未封存；记录本身不受影响。" in page


def test_days_begin_at_midnight_in_shanghai() -> None:
    begun = timezone.localtime(today.midnight())
    assert (begun.hour, begun.minute, begun.utcoffset()) == (0, 0, timedelta(hours=8))
