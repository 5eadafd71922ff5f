"""What the whole door costs a call: key or token, networks, rates, quota, as the API asks for each.

In one process against the embedded Postgres and Valkey of a platform made for this. The client has just
called, as it has at every call but one a second. A plain text is counted and charged in one trip to Valkey,
which is half of it; its body has been read by then. What is found in the cache takes no place among the
requests under way, so none is taken here. At the end, the time of a whole cached request in the same process,
to see the share: most of that is the transaction that counts and records it, with its wait for the disk, and
two look-ups of the voice.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.embedded.running import Platform

CALLS = 3_000
SAID = {"text": "您好，这里是政务服务热线。"}
LIMIT_MS = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    as_json = parser.parse_args().json
    platform = Platform.in_new_folder()
    try:
        platform.start()
        platform.lift_limits()
        result = measure(platform)
    finally:
        platform.stop()
        platform.remove()
    print(json.dumps(result) if as_json else "\n".join(f"{name:32} {result[name]}" for name in result))
    sys.exit(result["door_p50_ms"] > LIMIT_MS)


def measure(platform: Platform) -> dict[str, float]:
    limits = {f"GOVVOICE_ADDRESS_CALLS_PER_{period}": "1000000" for period in ("SECOND", "MINUTE")}
    os.environ |= platform.environment | limits | {"DJANGO_SETTINGS_MODULE": "govvoice.settings"}
    _prepare()
    door, token_door = _timed(_door(platform.api_key)), _timed(_door(_token()))
    whole = _timed(_request(platform.api_key), calls=CALLS // 10)
    return {
        "door_p50_ms": statistics.median(door),
        "door_p95_ms": sorted(door)[int(len(door) * 0.95)],
        "door_with_token_p50_ms": statistics.median(token_door),
        "cached_request_p50_ms": statistics.median(whole),
        "calls": len(door),
    }


def _prepare() -> None:
    from govvoice.embedded import environ

    environ.fill()
    import django

    django.setup()


def _token() -> str:
    from accounts.models import ApiKey, Client
    from accounts.services import issue_key
    from accounts.tokens import find_secret, issue_token
    from audit.parties import SYSTEM

    client, kind = Client.objects.get(), ApiKey.Kind.SECRET
    key = issue_key(client=client, expires_at=None, actor=SYSTEM, origin=None, kind=kind).key
    return issue_token(secret=find_secret(client=client.code, secret=key), origin=None).token


def _door(key: str) -> Callable[[], Callable[[], None]]:
    from django.test import RequestFactory
    from rest_framework.request import Request

    from accounts.middleware import origin_of
    from govvoice.api.auth import ApiKeyAuthentication
    from govvoice.api.text_rules import plain_characters
    from govvoice.api.throttles import admit

    factory, authentication = RequestFactory(), ApiKeyAuthentication()

    def pass_once(request: Any) -> None:
        request.origin = origin_of(request)
        authentication.authenticate(Request(request))
        admit(request, characters=plain_characters(SAID))

    def make() -> Callable[[], None]:
        request: Any = factory.post("/api/v1/speech", HTTP_AUTHORIZATION=f"Bearer {key}")
        return lambda: pass_once(request)

    return make


def _request(key: str) -> Callable[[], Callable[[], None]]:
    from django.test import Client

    browser = Client(headers={"Authorization": f"Bearer {key}", "Host": "127.0.0.1"})

    def call() -> None:
        answer = browser.post("/api/v1/speech", SAID, content_type="application/json")
        if answer.status_code != 200:
            raise RuntimeError(answer.content)

    call()
    return lambda: call


def _timed(make: Callable[[], Callable[[], None]], *, calls: int = CALLS) -> list[float]:
    """Milliseconds of each call; what `make` prepares for it is not counted."""
    found = []
    for number in range(calls + 100):
        act = make()
        begun = time.perf_counter()
        act()
        if number >= 100:  # the first ones warm connections and memory
            found.append(round((time.perf_counter() - begun) * 1_000, 4))
    return found


if __name__ == "__main__":
    main()
