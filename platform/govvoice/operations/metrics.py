"""/metrics for Prometheus: what each web process counts, and how sealing is going, read at each scrape."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from django.db import Error as DatabaseFailure
from django.db.models import ExpressionWrapper, F, FloatField, Max
from django.db.models.functions import Extract, Now
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from audit.models import Leaf, Manifest, TreeHead
from audit.watch import sealing
from govvoice.operations.visitors import only_from

REGISTRY = CollectorRegistry()
# They would be a second series for each counter, which reads like a figure of its own.
disable_created_metrics()  # type: ignore[no-untyped-call]
_DOORS = {"api": "api", "portal": "portal"}
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)

_answers = Counter("govvoice_requests", "Requests answered.", ("door", "status"), registry=REGISTRY)
_durations = Histogram(
    "govvoice_request_seconds",
    "Until the answer began.",
    ("door",),
    buckets=_BUCKETS,
    registry=REGISTRY,
)


class Measured:
    """Middleware, the outermost: counts each answer by door and status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        door = _DOORS.get(request.path.split("/", 2)[1], "other")
        _answers.labels(door, str(response.status_code)).inc()
        _durations.labels(door).observe(time.perf_counter() - began)
        return response


class Evidence(Collector):
    """The sealing of the log. Without a database there is one figure: that there is none."""

    def collect(self) -> Iterable[GaugeMetricFamily]:
        try:
            figures = {**_evidence(), "govvoice_database_up": 1.0}
        except DatabaseFailure:
            figures = {"govvoice_database_up": 0.0}
        for name, value in figures.items():
            yield GaugeMetricFamily(name, MEANINGS[name], value=value)


MEANINGS = {
    "govvoice_database_up": "Whether the database answers.",
    "govvoice_audit_sealer_up": "Whether the sealer lives and no event has been waiting for two minutes.",
    "govvoice_audit_sealer_silence_seconds": "Since the sealer's last sign of life.",
    "govvoice_audit_seal_lag_seconds": "How long the oldest event without a leaf has been waiting.",
    "govvoice_audit_leaves": "Events sealed.",
    "govvoice_audit_heads": "Signed tree heads.",
    "govvoice_audit_head_age_seconds": "Since the last signed tree head.",
    "govvoice_audit_head_leaves": "Events that the last head sums up.",
    "govvoice_audit_manifests_waiting": "Manifests of exports that wait to be signed.",
}

REGISTRY.register(Evidence())
ProcessCollector(registry=REGISTRY)


@only_from("METRICS_NETWORKS")
@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def _evidence() -> dict[str, float]:
    """By name; what there is nothing to say of yet is left out."""
    state = sealing()
    age = ExpressionWrapper(Extract(Now() - F("at"), "epoch"), output_field=FloatField())
    head = TreeHead.objects.order_by("-number").annotate(age=age).first()
    last = Leaf.objects.aggregate(last=Max("seq"))["last"]
    figures = {
        "govvoice_audit_sealer_up": float(state.is_well),
        "govvoice_audit_seal_lag_seconds": state.lag.total_seconds() if state.lag else 0.0,
        "govvoice_audit_leaves": 0.0 if last is None else last + 1.0,
        "govvoice_audit_heads": head.number + 1.0 if head else 0.0,
        "govvoice_audit_manifests_waiting": float(Manifest.objects.filter(signatures__isnull=True).count()),
    }
    if state.silence is not None:
        figures["govvoice_audit_sealer_silence_seconds"] = state.silence.total_seconds()
    if head is not None:
        figures["govvoice_audit_head_age_seconds"] = head.age
        figures["govvoice_audit_head_leaves"] = float(head.size)
    return figures
