"""A dump restored into another cluster, where transactions are counted anew: sealing and checking go on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from audit.models import Leaf, TreeHead
from audit.sealer import Sealer
from govvoice.embedded import places
from govvoice.embedded.places import Places
from govvoice.embedded.postgres import OWNER, Postgres
from tests.audit.cast import committed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def elsewhere() -> Iterator[Postgres]:
    """Another cluster with the platform's accounts, and with its database, which is empty."""
    folder = Path(tempfile.mkdtemp(prefix="gv-"))
    folder.chmod(0o711)  # root's Postgres runs as nobody and must get through
    here = Places(folder.resolve() / "var")
    here.prepare()
    command = [sys.executable, "-m", "govvoice.embedded.postgres", "--no-fsync"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            command,
            env={**os.environ, "GOVVOICE_VAR": str(here.var)},
            stdout=log,
            stderr=log,
            cwd=places.ROOT,
        )
    try:
        postgres = Postgres(here)
        postgres.wait(60, server)
        postgres.ensure_database()
        yield postgres
    finally:
        server.send_signal(2)  # SIGINT: the fast shutdown
        server.wait(timeout=60)
        shutil.rmtree(folder)


def restore(into: Postgres, dump: Path) -> None:
    """As docs/operations.md says: the accounts first, then the dump with its owners and rights."""
    here = connection.get_connection_params()
    source = ["-h", str(here["host"]), "-U", OWNER, "-d", str(here["dbname"])]
    subprocess.run([into.binaries / "pg_dump", "-Fc", "-f", dump, *source], check=True)
    roles = [settings.AUDIT_OWNER, settings.DATABASE_APP.name, settings.DATABASE_SEALER.name]
    with psycopg.connect(
        host=str(into.socket_folder), user=OWNER, dbname="postgres", autocommit=True
    ) as server:
        for role in roles:
            server.execute(psycopg.sql.SQL("CREATE ROLE {}").format(psycopg.sql.Identifier(role)))
        owner = psycopg.sql.Identifier(settings.AUDIT_OWNER)
        server.execute(psycopg.sql.SQL("GRANT {} TO govvoice").format(owner))
    target = ["-h", str(into.socket_folder), "-U", OWNER, "-d", "govvoice"]
    subprocess.run([into.binaries / "pg_restore", "--single-transaction", *target, dump], check=True)


def test_sealing_goes_on_and_every_leaf_still_holds(elsewhere: Postgres, tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        # A cluster that has run for a while: its numbers lie far in the other one's future.
        cursor.execute(
            "DO $$ BEGIN FOR i IN 1..5000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"
        )
    sealer = Sealer()
    for _ in range(3):
        committed()
        sealer.seal_pending()
        sealer.publish_head()
    committed()
    sealer.seal_pending()  # a leaf that no head covers yet
    sealer._beat()
    for _ in range(2):
        committed()  # nobody has sealed these
    restore(elsewhere, tmp_path / "dump")

    done = subprocess.run(
        [sys.executable, "-m", "tests.audit.restored"],
        env={**os.environ, "DATABASE_URL": elsewhere.url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["transaction"] < found["newest_restored"], "the counter began anew"
    assert (found["leaves_before"], found["heads_before"]) == (4, 3)
    assert (found["sealed_first"], found["sealed_then"]) == (2, 3)
    assert found["last"], "what came after the restore stands after what was restored"
    assert found["heads"] == 4
    assert found["findings"] == []
    assert found["lag"] == "None"
    assert Leaf.objects.count() == 4, "the first cluster is as it was"
    assert TreeHead.objects.count() == 3
