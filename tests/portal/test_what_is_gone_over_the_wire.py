"""When the evidence, the cache or the database is out of reach, callers and staff are told so, on a socket.

On the platform of the session: what is taken away is given back, and the platform waited for.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psutil
import psycopg
import pytest
from psycopg import sql

from audit.models import GIVEN_BY_WRITER
from govvoice.embedded.places import Places
from govvoice.embedded.supervision import Supervisor
from tests.api.test_the_table_of_abuse import log_in
from tests.embedded.running import Platform
from tests.portal.test_bad_input_over_the_wire import BROADCAST, waited
from tests.portal.wire import PASSWORD, Office, told

pytestmark = pytest.mark.platform


@pytest.fixture(autouse=True)
def begins_whole(platform: Platform, office: Office) -> Iterator[None]:
    """The people of these tests are inside before anything is taken away."""
    assert office["editor"].see("").status_code == office["auditor"].see("").status_code == 200
    yield
    platform.wait_until_ready()


@contextmanager
def no_evidence(evidence: psycopg.Connection) -> Iterator[None]:
    evidence.execute("REVOKE INSERT ON audit_event FROM govvoice_app")
    try:
        yield
    finally:
        evidence.execute(f"GRANT INSERT ({', '.join(GIVEN_BY_WRITER)}) ON audit_event TO govvoice_app")


@contextmanager
def stopped(platform: Platform, name: str) -> Iterator[None]:
    supervisor = Supervisor(Places(platform.var))
    supervisor._call("stopProcess", name, True)
    try:
        yield
    finally:
        supervisor.start(name)


def assert_later(answer: httpx.Response, code: str) -> None:
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["Retry-After"]) >= 1
    if "/api/" in str(answer.url):
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == code


def counts(evidence: psycopg.Connection) -> list[int]:
    """How much there is of what the acts below would make."""
    tables = ("synthesis_speech", "broadcasts_broadcast", "exports_export", "django_session")
    queries = (sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)) for table in tables)
    return [evidence.execute(query).fetchall()[0][0] for query in queries]


@pytest.mark.abuse(102)
def test_without_evidence_nothing_happens(
    platform: Platform, office: Office, evidence: psycopg.Connection
) -> None:
    before = counts(evidence)
    with no_evidence(evidence), platform.client() as stranger:
        assert_later(platform.post("没有记录，就没有声音。"), "audit_unavailable")
        acts = [
            office["editor"].press("broadcasts/new", **BROADCAST, title="无记录"),
            office["auditor"].press("evidence/exports/new", format="csv"),
            office["auditor"].see("evidence/"),
            log_in(stranger, office.names["system_admin"], PASSWORD),
        ]
        stranger_is_in = stranger.get("/portal/").status_code == 200
    for act in acts:
        assert_later(act, "audit_unavailable")
        assert told(evidence, act) == []
    assert counts(evidence) == before
    assert not stranger_is_in, "a login that nobody recorded"
    assert platform.post("现在有记录了。").status_code == 200


@pytest.mark.abuse(102)
def test_without_valkey_all_are_told_to_come_later(
    platform: Platform, office: Office, evidence: psycopg.Connection
) -> None:
    with stopped(platform, "valkey"), platform.client() as stranger:
        spoken = platform.post("缓存不在。")
        pages = [office["editor"].see("broadcasts/"), stranger.get("/portal/login/")]
    assert_later(spoken, "cache_unavailable")
    assert told(evidence, spoken) == [("api.refused", "failed", "cache_unavailable", 503)]
    assert [page.status_code for page in pages] == [503, 200]


@pytest.mark.abuse(102)
def test_without_the_database_all_are_told_to_come_later(platform: Platform, office: Office) -> None:
    with stopped(platform, "postgres"):
        assert_later(platform.post("数据库不在。"), "database_unavailable")
        assert_later(office["editor"].see("broadcasts/"), "database_unavailable")


@pytest.mark.abuse(102)
def test_a_disk_that_takes_no_more_fails_one_export_and_leaves_nothing(
    platform: Platform, office: Office, evidence: psycopg.Connection
) -> None:
    """The worker may write no file of more than 1 KB: the nearest to a full disk that needs no root."""
    auditor, worker = office["auditor"], psutil.Process(platform.pids["worker"])
    soft, hard = worker.rlimit(resource.RLIMIT_FSIZE)
    worker.rlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        ordered = auditor.press("evidence/exports/new", format="csv")
        place = ordered.headers["Location"].removeprefix("/portal/").rstrip("/")
        waited(lambda: "失败" in auditor.see(place).text)
    finally:
        worker.rlimit(resource.RLIMIT_FSIZE, (soft, hard))
    lines = [(action, outcome) for action, outcome, _, _ in told(evidence, ordered)]
    assert lines == [("audit.export_requested", "succeeded"), ("audit.exported", "failed")]
    number = place.rsplit("/", 1)[1]
    assert not (platform.var / "making" / number).exists()
    assert not list((platform.var / "exports").rglob(f"*{number}*/*"))
