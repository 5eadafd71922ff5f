"""The pages for balancers, probes and Prometheus: by network, and not there for anybody else."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db

HEALTH = ("/healthz", "/health")


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "::ffff:127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "203.0.113.5"}, 404),
        ({"REMOTE_ADDR": ""}, 404),
        # A proxy on this machine that nobody has named: the address is its own, whoever calls.
        ({"HTTP_X_FORWARDED_FOR": "203.0.113.5"}, 404),
        ({"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 404),
        ({"HTTP_X_FORWARDED_FOR": ""}, 404),
    ],
)
@pytest.mark.parametrize("path", [*HEALTH, "/metrics"])
def test_only_the_networks_of_the_setting_may_look(path: str, environ: dict[str, str], status: int) -> None:
    assert Client(**environ).get(path).status_code == status


def test_a_probe_may_stand_in_a_private_network_and_prometheus_must_be_named() -> None:
    paths = ("/ready", *HEALTH, "/metrics")
    statuses = [Client(REMOTE_ADDR="10.1.2.3").get(path).status_code for path in paths]
    assert statuses == [503, 200, 200, 404], "no worker is there, which is for those to know who may ask"


@pytest.mark.parametrize(
    ("path", "setting"), [("/metrics", "METRICS_NETWORKS"), ("/health", "HEALTH_NETWORKS")]
)
def test_a_named_proxy_s_word_is_taken(settings: Settings, path: str, setting: str) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1/32"]
    setattr(settings, setting, ["10.0.0.0/8"])
    assert Client(HTTP_X_FORWARDED_FOR="10.1.2.3").get(path).status_code == 200
    assert Client(HTTP_X_FORWARDED_FOR="203.0.113.5").get(path).status_code == 404
    assert Client(HTTP_X_FORWARDED_FOR="").get(path).status_code == 404
    assert Client().get(path).status_code == 404
    assert Client(HTTP_X_FORWARDED_FOR="10.1.2.3").post(path).status_code == 405
