"""Heads leave the database: each is a line on the disk, whatever happens, and no line is another's."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from audit.errors import HeadFileContradicts
from audit.heads import head_line, head_record
from audit.models import TreeHead
from audit.sealer import Sealer
from tests.audit.cast import committed
from tests.audit.sealing import assert_whole

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def file(settings: Settings, tmp_path: Path) -> Path:
    settings.AUDIT_HEADS = tmp_path / "kept" / "heads.jsonl"
    return settings.AUDIT_HEADS


def assert_complete(file: Path) -> None:
    """The file holds each head of the database, in order, and nothing else."""
    expected = [head_line(head) + b"\n" for head in TreeHead.objects.order_by("number")]
    assert file.read_bytes() == b"".join(expected)


def three_heads() -> Sealer:
    sealer = Sealer()
    for _ in range(3):
        committed()
        sealer.seal_pending()
        sealer.publish_head()
    return sealer


def test_each_head_becomes_a_line(file: Path) -> None:
    three_heads()
    assert_complete(file)
    line = json.loads(file.read_bytes().splitlines()[2])
    assert line == head_record(TreeHead.objects.get(number=2))
    assert (line["number"], line["size"]) == (2, 3)


@pytest.mark.parametrize(
    "harm",
    [
        lambda whole: b"",
        lambda whole: whole[: whole.index(b"\n") + 1],
        lambda whole: whole[:-1],
        lambda whole: whole[:-300],
        lambda whole: whole[:50],
        lambda whole: whole + b'{"at":"20',
    ],
)
def test_what_a_crash_left_out_is_written_at_the_next_start(
    file: Path, harm: Callable[[bytes], bytes]
) -> None:
    three_heads()
    file.write_bytes(harm(file.read_bytes()))
    Sealer()
    assert_complete(file)


def test_a_file_that_is_gone_is_made_from_the_database(file: Path) -> None:
    sealer = three_heads()
    file.unlink()
    sealer.publish_head()
    assert_complete(file)


@pytest.mark.parametrize(
    "harm",
    [
        lambda whole: whole.replace(b'"number":2', b'"number":3'),
        lambda whole: whole.replace(b'"size":3', b'"size":4'),
        lambda whole: whole + b"no head\n",
        lambda whole: whole + b"[]\n",
        lambda whole: whole + b'{"number":null}\n',
        lambda whole: whole + b"\n",
    ],
)
def test_a_file_that_says_otherwise_stops_sealing(file: Path, harm: Callable[[bytes], bytes]) -> None:
    three_heads()
    harmed = harm(file.read_bytes())
    file.write_bytes(harmed)
    with pytest.raises(HeadFileContradicts):
        Sealer()
    with pytest.raises(CommandError, match=r"heads\.jsonl|last line"):
        call_command("seal", once=True)
    assert file.read_bytes() == harmed, "evidence of what happened is left as it is"


def test_a_database_rolled_back_behind_its_heads_stops_sealing(file: Path) -> None:
    three_heads()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_treehead DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM audit_treehead WHERE number = 2")
        cursor.execute("ALTER TABLE audit_treehead ENABLE TRIGGER audit_treehead_append_only")
    with pytest.raises(HeadFileContradicts, match="第 2 号"):
        Sealer()


def test_a_full_disk_does_not_stop_sealing(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    sealer = three_heads()
    whole = file.read_bytes()
    file.unlink()
    file.parent.rmdir()
    file.parent.write_text("something stands where the folder should be")
    with caplog.at_level(logging.ERROR, "audit.head_file"):
        sealer.publish_head()
        sealer.publish_head()
    assert len(caplog.records) == 1, "said once"
    file.parent.unlink()
    sealer.publish_head()
    assert_complete(file)
    assert file.read_bytes().startswith(whole)
    assert_whole()
