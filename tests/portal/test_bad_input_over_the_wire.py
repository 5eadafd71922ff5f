"""The rows of the assessors' list that are staff's to send, over a real socket: status, code, one line."""

from __future__ import annotations

import csv
import io
import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import openpyxl
import psutil
import psycopg
import pytest
from django.utils.html import escape

from synthesis.tables import MAX_ROWS
from tests.accounts.receiver import receiving
from tests.embedded.running import Platform
from tests.portal.wire import Office, OnWire, in_platform, told
from tests.synthesis.lexicon.test_tables_come_and_go import HEADING, bomb, csv_bytes, workbook_with

pytestmark = pytest.mark.platform

FORMULAS = ('=HYPERLINK("http://evil.example")', "+1+1", "-1", "@SUM(1)", "\t=1", "＝1+1", "|cmd", " =1")
NASTY = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "javascript:alert(1)")
LIST = {
    "name": "表格来的词", "category": "other", "level": "block", "place": "all:", "is_enabled": "on",
    "effective_from": "2026-01-01", "effective_to": "", "reason": "内部规定", "basis": "", "gap": "8",
}  # fmt: skip
BROADCAST: dict[str, Any] = {
    "text": "今晚停水。", "voice": "qinghe", "emotion": "neutral", "intensity": "1.0", "rate": "1.0",
    "pitch": "0", "volume": "50", "channels": ["hall"],
}  # fmt: skip


def refused(action: str, code: str, status: int) -> list[tuple[str, str, str, int]]:
    return [(action, "refused", code, status)]


def wrote(person: OnWire, title: str, **changed: Any) -> str:
    """The code of the broadcast that he has just written."""
    answer = person.press("broadcasts/new", **BROADCAST | {"title": title} | changed)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"].split("/")[-2]


def waited(ask: Any, seconds: float = 60) -> Any:
    """What `ask` says as soon as it says anything."""
    end = time.monotonic() + seconds
    while not (found := ask()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.1)
    return found


# --- 88: where a client is told --------------------------------------------------------------------------

FORBIDDEN_URLS = [
    *(
        f"https://{host}/"
        for host in (
            "127.0.0.1", "[::1]", "10.0.0.1", "192.168.1.1", "169.254.169.254", "0", "2130706433", "0x7f.1",
            "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "localhost",
        )
    ),
    "http://a@127.0.0.1", "https://a@127.0.0.1/", "https://8.8.8.8:22/", "https://8.8.8.8:0/",
    "file:///etc/passwd", "gopher://127.0.0.1:6379/_x", "http://8.8.8.8/",
]  # fmt: skip


@pytest.mark.abuse(88)
@pytest.mark.parametrize("url", FORBIDDEN_URLS)
def test_an_address_that_may_not_be_told_is_refused(
    office: Office, evidence: psycopg.Connection, url: str
) -> None:
    answer = office["security_admin"].press("clients/demo/webhook", url=url)
    assert answer.status_code == 422
    assert 'id="id_url_error"' in answer.text
    assert told(evidence, answer) == refused("webhook.changed", "url_forbidden", 422)
    kept = (
        "SELECT 1 FROM accounts_webhook w JOIN accounts_client c ON c.id = w.client_id WHERE c.code = 'demo'"
    )
    assert evidence.execute(kept).fetchall() == []


@pytest.mark.abuse(88)
def test_an_address_is_judged_again_when_something_is_sent(
    platform: Platform, evidence: psycopg.Connection
) -> None:
    """By the platform's own worker, of an address that no form has seen."""
    with receiving() as receiver:
        code = f"from tests.api.forging import notice_cast; print(notice_cast({receiver.url!r}))"
        number = in_platform(platform, code).strip()
        tried = "SELECT problem FROM accounts_notice WHERE id = %s AND problem <> ''"
        assert waited(lambda: evidence.execute(tried, [number]).fetchone()) == ("address_refused",)
        assert receiver.taken == []


# --- 93, 94: tables out and in ---------------------------------------------------------------------------


@pytest.mark.abuse(93)
def test_no_exported_event_is_a_formula(office: Office, evidence: psycopg.Connection) -> None:
    editor, auditor = office["editor"], office["auditor"]
    for formula in FORMULAS:
        editor.browser.headers["User-Agent"] = formula.strip()
        wrote(editor, formula)
    query = {"actor": office.names["editor"], "action": "broadcast.created"}
    rows = list(csv.reader(io.StringIO(exported(auditor, evidence, "csv", query).decode("utf-8-sig"))))
    assert {f"'{formula.strip()}" for formula in FORMULAS} <= {cell for row in rows for cell in row}
    assert not [cell for row in rows for cell in row if cell[:1] in set("=+-@|＝\t")]
    book = openpyxl.load_workbook(io.BytesIO(exported(auditor, evidence, "xlsx", query)))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.hyperlink is None for cell in cells)
    assert not [cell.value for cell in cells if cell.value[0] in set("=+-@|＝\t")]


def exported(auditor: OnWire, evidence: psycopg.Connection, kind: str, query: dict[str, str]) -> bytes:
    """Ordered, waited for and fetched."""
    ordered = auditor.press(f"evidence/exports/new?{httpx.QueryParams(query)}", format=kind)
    assert ordered.status_code == 302
    assert told(evidence, ordered) == [("audit.export_requested", "succeeded", "", None)]
    place = ordered.headers["Location"].removeprefix("/portal/").rstrip("/")
    waited(lambda: f"{place}/0" in auditor.see(place).text)
    got = auditor.see(f"{place}/0")
    assert got.status_code == 200
    assert told(evidence, got) == [("audit.downloaded", "succeeded", "", None)]
    return got.content


@pytest.mark.abuse(93)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_exported_entry_is_a_formula(office: Office, evidence: psycopg.Connection, kind: str) -> None:
    editor = office["editor"]
    words = [chr(ord("甲") + number) + kind for number in range(len(FORMULAS))]
    table = csv_bytes(("词语", "替换文本", "说明或依据"), *zip(words, "一" * 9, FORMULAS, strict=False))
    taken = editor.press("lexicon/import", ("词典.csv", table))
    assert taken.status_code == 302, taken.text
    got = editor.see("lexicon/export", format=kind, q=kind)
    assert told(evidence, got) == [("lexicon.exported", "succeeded", "", None)]
    if kind == "csv":
        cells = [cell for row in csv.reader(io.StringIO(got.content.decode("utf-8-sig"))) for cell in row]
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(got.content)).worksheets[0]
        found = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert {cell.data_type for cell in found} == {"s"}
        cells = [cell.value for cell in found]
    assert {f"'{formula.strip()}" for formula in FORMULAS} <= set(cells)


# Codes of the lexicon and of the word lists, which may be larger.
BAD_TABLES = [
    ("empty.csv", b"\r\n,,\r\n", "table_empty", ""),
    ("utf16.csv", csv_bytes(HEADING, ("单县", "", "一", "", ""), encoding="utf-16"), "table_encoding", ""),
    ("rows.csv", b"a\n" * (MAX_ROWS + 2), "table_too_long", "table_heading"),
    ("million.csv", b"a,b\n" * 1_000_000, "table_too_large", "table_too_long"),
    ("bomb.xlsx", bomb(), "table_too_large", ""),
    ("links.xlsx", workbook_with("xl/externalLinks/externalLink1.xml", b"<x/>"), "table_unsafe", ""),
    ("macro.xlsx", workbook_with("xl/vbaProject.bin", b"x"), "table_unsafe", ""),
    ("old.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "table_invalid", ""),
    ("cut.xlsx", b"PK\x03\x04" + b"\0" * 600, "table_invalid", ""),
]
RAGGED = ("词语,替换文本\n溧水,一\n六安,二,三\n蚌埠\n", "词语,处理方式\n溧水,拦截\n六安,拦截,三\n蚌埠\n")


@pytest.fixture(scope="module")
def drafted(office: Office) -> str:
    """Where files of words are brought into a draft."""
    answer = office["security_admin"].press("screening/new", **LIST)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"].removeprefix("/portal/").rstrip("/") + "/import"


@pytest.mark.abuse(94)
@pytest.mark.parametrize(("name", "data", "code", "other"), BAD_TABLES, ids=[name for name, *_ in BAD_TABLES])
def test_a_file_that_is_no_table_is_refused_whole(
    office: Office, evidence: psycopg.Connection, drafted: str, name: str, data: bytes, code: str, other: str
) -> None:
    entries = office["editor"].press("lexicon/import", (name, data))
    listed = office["security_admin"].press(drafted, (name, data))
    assert (entries.status_code, listed.status_code) == (422, 422)
    assert told(evidence, entries) == refused("lexicon.imported", code, 422)
    assert told(evidence, listed) == refused("wordlist.imported", other or code, 422)


@pytest.mark.abuse(94)
def test_a_wrong_row_keeps_all_out_and_is_told(
    office: Office, evidence: psycopg.Connection, drafted: str
) -> None:
    for encoding in ("utf-8-sig", "gbk"):
        words, names = (text.encode(encoding) for text in RAGGED)
        entries = office["editor"].press("lexicon/import", ("词典.csv", words))
        listed = office["security_admin"].press(drafted, ("词.csv", names))
        for answer, action in ((entries, "lexicon.imported"), (listed, "wordlist.imported")):
            assert answer.status_code == 422
            assert [(one, code) for one, _, code, _ in told(evidence, answer)] == [(action, "rows_invalid")]
            assert re.findall(r'data-label="行">(\d+)<', answer.text) == ["3", "4"]
    kept = "SELECT 1 FROM lexicon_entry WHERE word IN ('溧水', '六安', '蚌埠', '单县')"
    assert evidence.execute(kept).fetchall() == []


# --- 95: what people type --------------------------------------------------------------------------------


@pytest.mark.abuse(95)
@pytest.mark.parametrize("nasty", NASTY)
def test_what_was_typed_is_shown_and_not_run(office: Office, nasty: str) -> None:
    editor, reviewer = office["editor"], office["reviewer"]
    code = wrote(editor, nasty, text=f"正文。{nasty}")
    wanted = {"broadcasts/": "", f"broadcasts/{code}/edit": "", f"broadcasts/{code}/review": ""}
    pages = [editor.see(path) for path in wanted]
    pages += [editor.see("broadcasts/", q=nasty), reviewer.see(f"broadcasts/{code}/review")]
    pages.append(office["auditor"].see("evidence/", object=nasty))
    for page in pages:
        assert page.status_code == 200
        assert escape(nasty) in page.text, page.url
        assert not re.search(r"<script>alert|<img src=x|href=.javascript:|(?<!\d)49(?!\d)</h1>", page.text)


# --- 100: duties that are kept apart ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def submitted(office: Office) -> tuple[str, str]:
    """A broadcast whose author may review those of others: code, and the hash of its sound."""
    return submitted_by(office["chief"])


def submitted_by(author: OnWire) -> tuple[str, str]:
    code = wrote(author, "停水通知", step="audio")
    status = waited(lambda: ready(author.see(f"broadcasts/{code}/status").json()))
    fields = {**BROADCAST, "title": "停水通知", "step": "submit"}
    sent = author.press(f"broadcasts/{code}/edit", **fields)
    assert sent.headers["Location"].endswith(f"{code}/review"), sent.text
    return code, status["sha256"]


def ready(status: dict[str, Any]) -> dict[str, Any] | None:
    assert status["state"] != "failed", status
    return status if status["state"] == "ready" else None


@pytest.mark.abuse(100)
def test_nobody_decides_on_his_own_work_over_the_wire(
    office: Office, evidence: psycopg.Connection, submitted: tuple[str, str]
) -> None:
    code, sha256 = submitted
    author = office["chief"]
    assert author.press(f"broadcasts/{code}/heard", sha256=sha256).status_code == 204
    answer = author.press(f"broadcasts/{code}/approve", sha256=sha256)
    assert answer.status_code == 403
    assert told(evidence, answer) == refused("broadcast.approved", "own_work", 403)


@pytest.mark.abuse(100)
def test_what_is_anothers_duty_is_refused(
    office: Office, evidence: psycopg.Connection, submitted: tuple[str, str]
) -> None:
    code, sha256 = submitted
    asked = "SELECT id FROM accounts_staff WHERE username = %s"
    [(number,)] = evidence.execute(asked, [office.names["editor"]]).fetchall()
    posts: list[tuple[str, str, dict[str, Any]]] = [
        ("system_admin", f"security/staff/{number}/role", {"role": "auditor"}),
        ("system_admin", f"security/staff/{number}/password", {}),
        ("auditor", f"broadcasts/{code}/edit", {**BROADCAST, "title": "改"}),
        ("auditor", "broadcasts/new", {**BROADCAST, "title": "新"}),
        ("auditor", f"security/staff/{number}/role", {"role": "reviewer"}),
        ("auditor", "lexicon/new", {"way": "text", "word": "甲", "replacement": "一", "place": "all:"}),
        ("auditor", "clients/demo/change", {"name": "改"}),
        ("editor", f"broadcasts/{code}/approve", {"sha256": sha256}),
        ("security_admin", f"broadcasts/{code}/publish", {}),
    ]
    for role, path, fields in posts:
        answer = office[role].press(path, **fields)
        assert answer.status_code == 403, (role, path)
        assert told(evidence, answer) == refused("portal.refused", "forbidden", 403)
    granted = office["security_admin"].press(f"security/staff/{number}/role", role="god")
    assert granted.status_code == 422
    assert told(evidence, granted) == refused("role.granted", "role_required", 422)


@pytest.mark.abuse(100)
def test_of_two_tabs_one_approves(office: Office, evidence: psycopg.Connection) -> None:
    code, sha256 = submitted_by(office["editor"])
    reviewer = office["reviewer"]
    reviewer.press(f"broadcasts/{code}/heard", sha256=sha256)
    with ThreadPoolExecutor(2) as pool:
        tabs = [pool.submit(reviewer.press, f"broadcasts/{code}/approve", sha256=sha256) for _ in range(2)]
        won, lost = sorted((tab.result() for tab in tabs), key=lambda answer: answer.status_code)
    assert (won.status_code, lost.status_code) == (302, 409)
    assert [(one, outcome) for one, outcome, _, _ in told(evidence, won)] == [
        ("broadcast.approved", "succeeded")
    ]
    assert told(evidence, lost) == refused("broadcast.approved", "state_conflict", 409)


# --- 101: a log of years ---------------------------------------------------------------------------------


@pytest.mark.abuse(101)
@pytest.mark.parametrize("query", [{}, {"since": "2016-01-01", "until": "2026-12-31"}])
def test_a_search_without_bounds_is_a_page(
    office: Office, evidence: psycopg.Connection, query: dict[str, str]
) -> None:
    answer = office["auditor"].see("evidence/", **query)
    assert answer.status_code == 200
    assert len(set(re.findall(r"/portal/evidence/(\d+)", answer.text))) == 50
    assert told(evidence, answer) == [("audit.searched", "succeeded", "", 200)]


@pytest.mark.abuse(101)
@pytest.mark.parametrize("since", ["0000-00-00", "9999-99-99", "999999999-01-01", "昨天", "' OR 1=1"])
def test_a_search_with_a_day_that_is_none_is_refused(
    office: Office, evidence: psycopg.Connection, since: str
) -> None:
    answer = office["auditor"].see("evidence/", since=since)
    assert answer.status_code == 422
    assert told(evidence, answer) == refused("audit.searched", "filter_invalid", 422)


@pytest.mark.abuse(101)
def test_an_export_of_everything_keeps_nobody_waiting(
    platform: Platform, office: Office, evidence: psycopg.Connection
) -> None:
    """Ordered at once while no worker works; who has five under way gets no sixth."""
    auditor, worker = office["auditor"], psutil.Process(platform.pids["worker"])
    worker.suspend()
    try:
        orders = [auditor.press("evidence/exports/new", format="csv") for _ in range(6)]
    finally:
        worker.resume()
    assert [order.status_code for order in orders[:5]] == [302] * 5
    assert [told(evidence, order)[0][0] for order in orders[:5]] == ["audit.export_requested"] * 5
    assert told(evidence, orders[5]) == refused("audit.export_requested", "too_many_exports", 409)
    assert orders[5].status_code == 409
    for order in orders[1:5]:
        auditor.press(order.headers["Location"].removeprefix("/portal/").rstrip("/") + "/cancel")
    place = orders[0].headers["Location"].removeprefix("/portal/").rstrip("/")
    waited(lambda: f"{place}/0" in auditor.see(place).text)
