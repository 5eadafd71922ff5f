"""Others put a manifest before the sealer and wait; it is signed once, and kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection, transaction

from audit import signatures as module
from audit.canonical import canonical, manifest_bytes
from audit.errors import ManifestUnsigned
from audit.models import Manifest
from audit.sealer import Sealer
from audit.signatures import are_valid, sign_waiting, signed_manifest
from tests.audit.sealing import manifests_signed

pytestmark = pytest.mark.django_db(transaction=True)
MANIFEST = {"format": "govvoice-audit-1", "kind": "export", "events": 3}


def test_a_manifest_is_signed_while_one_waits() -> None:
    with manifests_signed():
        found = signed_manifest("export", MANIFEST)
    data = b"govvoice-manifest-1\n" + canonical(MANIFEST)
    assert are_valid(found, data)
    row = Manifest.objects.get()
    assert manifest_bytes(bytes(row.body)) == data
    assert row.signatures == found


def test_the_sealer_signs_what_waits() -> None:
    waiting = threading.Thread(target=_ask)
    waiting.start()
    try:
        sealer = Sealer()
        while not Manifest.objects.exists():
            pass
        sealer.step()
    finally:
        waiting.join()
    assert Manifest.objects.get().signatures


def _ask() -> None:
    signed_manifest("archive", MANIFEST)
    connection.close()


def test_without_a_sealer_the_wait_ends_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    with pytest.raises(ManifestUnsigned, match="sealer"):
        signed_manifest("export", MANIFEST)


def test_inside_a_transaction_it_would_wait_for_nothing() -> None:
    with transaction.atomic(), pytest.raises(ManifestUnsigned, match="transaction"):
        signed_manifest("export", MANIFEST)


def test_a_manifest_that_is_not_what_its_hash_says_is_refused() -> None:
    sealer = Sealer()
    Manifest.objects.create(kind="export", body=canonical(MANIFEST), sha256="0" * 64)
    assert sign_waiting(sealer.signers) == 1
    assert Manifest.objects.get().signatures == []
    assert sign_waiting(sealer.signers) == 0


@pytest.fixture
def signed() -> Iterator[Manifest]:
    with manifests_signed():
        signed_manifest("report", MANIFEST)
    return Manifest.objects.get()


@pytest.mark.parametrize("change", [{"signatures": []}, {"body": b"{}"}, {"kind": "export"}])
def test_what_is_signed_is_not_changed(signed: Manifest, change: dict[str, object]) -> None:
    with pytest.raises(DatabaseError, match="signed once"), transaction.atomic():
        Manifest.objects.filter(pk=signed.pk).update(**change)


def test_what_waits_can_only_be_signed() -> None:
    row = Manifest.objects.create(kind="export", body=b"{}", sha256="0" * 64)
    for change in ({"body": b"[]", "signatures": []}, {"sha256": "1" * 64}):
        with pytest.raises(DatabaseError, match="signed once"), transaction.atomic():
            Manifest.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        row.delete()


def test_a_manifest_of_another_kind_or_size_is_refused() -> None:
    for wrong in ({"kind": "letter", "body": b"{}"}, {"kind": "export", "body": bytes(2**20 + 1)}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Manifest.objects.create(sha256="0" * 64, **wrong)
