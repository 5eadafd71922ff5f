"""/metrics: what Prometheus reads."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from audit.models import Manifest
from audit.sealer import Sealer
from tests.audit.cast import committed
from tests.audit.standstill import silent_for, waiting_for

pytestmark = pytest.mark.django_db


def read(**environ: Any) -> dict[str, float]:
    """Each sample by its name, those with labels with them."""
    answer = Client(**environ).get("/metrics")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")
    samples = [
        one for family in text_string_to_metric_families(answer.content.decode()) for one in family.samples
    ]
    return {f"{one.name}{one.labels or ''}": one.value for one in samples}


def test_an_empty_log() -> None:
    found = read()
    assert found["govvoice_database_up"] == 1
    assert found["govvoice_audit_sealer_up"] == 0
    assert found["govvoice_audit_seal_lag_seconds"] == 0
    assert found["govvoice_audit_leaves"] == found["govvoice_audit_heads"] == 0
    assert "govvoice_audit_head_age_seconds" not in found


@pytest.mark.django_db(transaction=True)
def test_a_sealed_log() -> None:
    committed()
    sealer = Sealer()
    sealer.step()
    committed()
    sealer.seal_pending()
    found = read()
    assert found["govvoice_audit_sealer_up"] == 1
    assert found["govvoice_audit_leaves"] == 2
    assert found["govvoice_audit_heads"] == 1
    assert found["govvoice_audit_head_leaves"] == 1
    assert 0 <= found["govvoice_audit_head_age_seconds"] < 60
    assert 0 <= found["govvoice_audit_sealer_silence_seconds"] < 60


def test_a_standstill() -> None:
    silent_for(minutes=5)
    waiting_for(minutes=7)
    Manifest.objects.create(kind="export", body=b"{}", sha256="0" * 64)
    found = read()
    assert found["govvoice_audit_sealer_up"] == 0
    assert 420 <= found["govvoice_audit_seal_lag_seconds"] < 480
    assert 300 <= found["govvoice_audit_sealer_silence_seconds"] < 360
    assert found["govvoice_audit_manifests_waiting"] == 1


def test_answers_are_counted_by_door() -> None:
    name = "govvoice_requests_total{'door': 'other', 'status': '200'}"
    read()
    before = read()[name]
    Client().get("/healthz")
    after = read()
    assert after[name] == before + 2, "the scrape before, and the look at its health"
    assert after["govvoice_request_seconds_count{'door': 'other'}"] >= before
