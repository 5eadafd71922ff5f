"""A log of a year in a database of its own: an embedded Postgres in a new folder, filled by SQL.

What a hotline of middle size leaves: nearly all of it calls by eight client systems, then audio that is
fetched, and between them what sixty members of staff did. Names and titles come from short lists, as they do.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

EVENTS = 1_000_000
MONTHS = 12

_FILL = """
INSERT INTO audit_event (
    schema, at, action, outcome, code, status, actor_kind, actor_id, actor_name, actor_role, organisation,
    object_type, object_id, object_name, address, peer_address, forwarded_for, user_agent, request_id,
    text_sha256, characters, details, auth_method, session, sealed_sha256, salt
)
SELECT
    2,
    now() - make_interval(secs => (%(events)s - n) * 86400.0 * 365 / %(events)s),
    action,
    CASE WHEN n %% 50 = 0 THEN 'refused' WHEN n %% 997 = 0 THEN 'failed' ELSE 'succeeded' END,
    CASE WHEN n %% 50 = 0 THEN 'rate_limited' ELSE '' END,
    CASE WHEN n %% 50 = 0 THEN 429 ELSE 200 END,
    CASE WHEN by_staff THEN 'staff' ELSE 'client' END,
    CASE WHEN by_staff THEN (100 + n %% 60)::text ELSE 'hotline-' || n %% 8 END,
    CASE WHEN by_staff
        THEN substr('王李张刘陈杨黄赵吴周', (n %% 10)::int + 1, 1)
             || substr('建国秀英志强敏静丽伟', (n %% 9)::int + 1, 2)
        ELSE (ARRAY['12345 热线','医保热线','公积金热线','税务热线','交通热线','供水热线','供电热线',
                    '人社热线'])[n %% 8 + 1]
    END,
    CASE WHEN by_staff THEN '播报编辑' ELSE '' END,
    '市政务服务中心',
    CASE WHEN action LIKE 'broadcast.%%' THEN 'broadcast' WHEN by_staff THEN 'staff' ELSE 'speech' END,
    CASE WHEN action LIKE 'broadcast.%%' THEN 'BC2026-' || n %% 4000 ELSE 'qinghe' END,
    CASE WHEN action LIKE 'broadcast.%%'
        THEN (ARRAY['停水','停电','道路施工','办事大厅搬迁','社保缴费','疫苗接种','高温预警'])[n %% 7 + 1]
             || '通知（第' || n %% 4000 || '号）'
        ELSE '清荷' END,
    ('10.' || n %% 4 || '.' || n %% 250 || '.' || n %% 200)::inet,
    '10.0.0.1'::inet,
    '',
    'hotline-gateway/2.' || n %% 5,
    md5((n / 2)::text),
    encode(sha256(n::text::bytea), 'hex'),
    20 + n %% 200,
    jsonb_build_object('voice', 'qinghe', 'format', 'wav', 'cache', 'hit-l1', 'emotion', 'neutral',
                       'engine_version', 'fastspeech2-1-72cdb06e36a8', 'unreadable', 0),
    CASE WHEN by_staff THEN 'password+totp' ELSE 'api_key' END,
    substr(md5((n %% 60)::text), 1, 32),
    '',
    gen_random_uuid()
FROM (
    SELECT n, n %% 20 = 0 AS by_staff,
        CASE WHEN n %% 20 = 0 THEN (ARRAY['broadcast.created', 'broadcast.edited', 'broadcast.submitted',
                'broadcast.approved', 'broadcast.published', 'auth.login', 'audit.searched'])[n / 20 %% 7 + 1]
             WHEN n %% 10 = 1 THEN 'broadcast.fetched'
             ELSE 'speech.requested' END AS action
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
) AS made
"""
_STEP = 100_000


@contextmanager
def big_log(events: int = EVENTS) -> Iterator[None]:
    """Django is set up on it; the server and its folder are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="gv-bench-"))
    folder.chmod(0o711)  # root's Postgres runs as nobody and must get through
    try:
        with _server(folder.resolve() / "var"):
            _fill(events)
            yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _server(var: Path) -> Iterator[None]:
    from govvoice.embedded.places import ROOT, Places
    from govvoice.embedded.postgres import Postgres

    here = Places(var)
    here.prepare()
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "govvoice.settings",
        "GOVVOICE_ENV": "test",
        "GOVVOICE_VAR": str(var),
        "GOVVOICE_SECRET_KEY": secrets.token_urlsafe(50),
        "GOVVOICE_KEY_PEPPER": secrets.token_urlsafe(32),
        "DATABASE_URL": Postgres(here).url,
        "REDIS_URL": "unix:///nonexistent/valkey.sock?db=0",
    }
    with (here.log / "postgres.log").open("ab") as log:
        command = [sys.executable, "-m", "govvoice.embedded.postgres"]
        server = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        Postgres(here).wait(60, server)
        Postgres(here).ensure_database()
        yield
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=120)


def _fill(events: int) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from govvoice.embedded.places import Places
    from govvoice.embedded.postgres import OWNER, Postgres

    call_command("migrate", verbosity=0)
    with psycopg.connect(Postgres(Places(settings.VAR)).url_as(OWNER), autocommit=True) as cursor:
        for month in range(MONTHS + 1):
            cursor.execute(
                "SELECT audit_make_event_partition((now() - make_interval(months => %s))::date)", [month]
            )
        # The database dates events itself; here they have to be of a whole year.
        cursor.execute("SET session_replication_role = replica")
        for first in range(0, events, _STEP):
            last = min(first + _STEP, events) - 1
            cursor.execute(_FILL, {"events": events, "first": first, "last": last})
        cursor.execute("VACUUM ANALYZE audit_event")
