"""完整性校验 as the audit administrator uses it; the worker's part is called where a worker would run it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import FileResponse

from audit import assurance
from audit.heads import head_text
from audit.models import Event, TreeHead
from audit.offline import PROGRAM
from audit.sealer import Sealer
from synthesis.models import Voice
from tests.audit.cast import committed
from tests.portal.broadcasts.cast import Official, official

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def clean_stage(
    flushable: None, nothing_remembered: None, voice: Voice, tmp_path: Path, settings: Any
) -> None:
    settings.AUDIT_HEADS = tmp_path / "heads.jsonl"
    cache.delete("audit:verification")


@pytest.fixture
def auditor() -> Official:
    return official("auditor")


@pytest.fixture
def head() -> TreeHead:
    """The newest head, over a few events."""
    committed()
    sealer = Sealer()
    sealer.seal_pending()
    sealer._beat()
    return sealer.publish_head()


def words(auditor: Official) -> str:
    return auditor.see("evidence-integrity").content.decode()


def test_before_the_first_head_the_page_says_so(auditor: Official) -> None:
    page = words(auditor)
    assert "还没有树头" in page
    assert "还没有校验过" in page
    assert "封存中断" in page


def test_the_newest_head_is_shown_as_text_and_as_a_picture(auditor: Official, head: TreeHead) -> None:
    page = words(auditor)
    assert head_text(head).splitlines()[2] in page
    assert "<svg" in page
    assert "正在封存" in page
    assert head.signatures[0]["key_id"] in page


def test_a_verification_is_asked_for_and_its_result_listed(
    auditor: Official, head: TreeHead, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr("audit.tasks.verify_for.delay", lambda **task: asked.append(task))
    assert auditor.press("evidence-integrity-verify").status_code == 302
    assert "等待工作进程处理" in auditor.see("evidence-integrity-progress").content.decode()
    auditor.press("evidence-integrity-verify")
    assert len(asked) == 1
    assert "已有一次校验正在进行" in words(auditor)
    assurance.verify_for(**asked[0])
    part = auditor.see("evidence-integrity-progress").content.decode()
    assert "通过" in part
    assert "data-unfinished" not in part
    assert Event.objects.get(action="audit.verified").actor_id == str(auditor.staff.pk)


def test_a_failed_one_names_the_place(auditor: Official, head: TreeHead) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_event_append_only")
        cursor.execute(
            "UPDATE audit_event SET outcome = 'failed' WHERE id = (SELECT min(id) FROM audit_event)"
        )
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER audit_event_append_only")
    assurance.check_all()
    page = words(auditor)
    assert "不通过" in page
    assert "序号 0（编号" in page


@pytest.mark.parametrize(
    ("change", "said", "code"),
    [
        (lambda text: text, "一致：数据库中的树头与纸上的相同", ""),
        (lambda text: text.replace("\n", "\r\n"), "一致：数据库中的树头与纸上的相同", ""),
        (lambda text: text.replace("schema 2\nnumber 0", "schema 2\nnumber 7"), "无法判断", "unsigned"),
        (lambda text: "乱写的字", "无法读取", None),
        (lambda text: "", "无法读取", None),
        (lambda text: "<script>" * 2000, "无法读取", None),
    ],
)
def test_a_printed_head_is_compared(
    auditor: Official, head: TreeHead, change: Any, said: str, code: str | None
) -> None:
    answer = auditor.press("evidence-integrity", head=change(head_text(head)))
    assert said in answer.content.decode()
    assert "<script><script>" not in answer.content.decode()
    compared = Event.objects.filter(action="audit.head_compared").values_list("code", flat=True)
    assert list(compared) == ([] if code is None else [code])


def test_a_printed_head_that_the_log_does_not_know_any_more(auditor: Official, head: TreeHead) -> None:
    paper = head_text(head)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_treehead DISABLE TRIGGER audit_treehead_append_only")
        cursor.execute("UPDATE audit_treehead SET size = size + 1")
        answer = auditor.press("evidence-integrity", head=paper)
        assert "同号树头不同，日志被重建过" in answer.content.decode()
        cursor.execute("DELETE FROM audit_treehead")
        cursor.execute("ALTER TABLE audit_treehead ENABLE TRIGGER audit_treehead_append_only")
    answer = auditor.press("evidence-integrity", head=paper)
    assert "数据库中没有这个树头" in answer.content.decode()


def test_the_program_and_the_keys_are_taken_away(auditor: Official, head: TreeHead) -> None:
    answer = auditor.see("evidence-integrity-program")
    assert isinstance(answer, FileResponse)
    assert b"".join(answer.streaming_content) == PROGRAM.read_bytes()  # type: ignore[arg-type]
    assert "audit-verify.py" in answer["Content-Disposition"]
    keys = json.loads(auditor.see("evidence-integrity-keys").content)
    assert {key["key_id"] for key in keys} >= {one["key_id"] for one in head.signatures}


@pytest.mark.parametrize("role", ["editor", "security_admin", "system_admin"])
def test_others_do_not_get_in(role: str) -> None:
    stranger = official(role)
    for route in ("evidence-integrity", "evidence-integrity-progress", "evidence-integrity-keys"):
        assert stranger.see(route).status_code == 403
    assert stranger.press("evidence-integrity-verify").status_code == 403
