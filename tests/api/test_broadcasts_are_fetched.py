"""What is on air, fetched by channels: exactly the approved audio, and a line of evidence each time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import storages

from accounts.models import Organisation, Role, Staff
from audit.models import Event
from govvoice.broadcasts import services
from govvoice.broadcasts.models import Broadcast, Channel
from synthesis import renditions
from synthesis.models import Voice
from tests.api.cast import Hotline, assert_refused, open_hotline

pytestmark = pytest.mark.django_db

LIST = "/api/v1/broadcasts"


@pytest.fixture
def staff(voice: Voice) -> dict[str, Staff]:
    organisation = Organisation.objects.get(code="default")
    return {
        role: Staff.objects.create_staff(
            username=role,
            password="correct horse battery",
            role=Role.objects.get(code=role),
            organisation=organisation,
            display_name=role,
        )
        for role in ("editor", "reviewer")
    }


def publish(staff: dict[str, Staff], *, title: str = "停水通知", channel: str = "hall") -> Broadcast:
    """The whole way: written, made, submitted, approved by another, published."""
    by = {"origin": None}
    content = services.Content(title=title, text=f"{title}，今天下午三点停水。", voice="tone")
    channels = Channel.objects.filter(code=channel)
    broadcast = services.create(content=content, channels=channels, staff=staff["editor"], **by)
    rendition = services.make_audio(broadcast=broadcast, staff=staff["editor"], **by)
    renditions.make(rendition.pk)
    rendition.refresh_from_db()
    services.submit(broadcast=broadcast, staff=staff["editor"], **by)
    services.approve(broadcast=broadcast, sha256=rendition.sha256, staff=staff["reviewer"], **by)
    services.publish(broadcast=broadcast, staff=staff["reviewer"], **by)
    broadcast.refresh_from_db()
    return broadcast


@pytest.fixture
def broadcast(staff: dict[str, Staff]) -> Broadcast:
    return publish(staff)


@pytest.fixture
def channel(broadcast: Broadcast) -> Hotline:
    return open_hotline("channel")


def listed(channel: Hotline, query: str = "") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(channel.get(f"{LIST}{query}").content)
    return found


def audio_path(broadcast: Broadcast) -> str:
    return f"{LIST}/{broadcast.code}/audio"


def stored(broadcast: Broadcast) -> bytes:
    assert broadcast.published_revision is not None
    assert broadcast.published_revision.rendition is not None
    return renditions.open_audio(broadcast.published_revision.rendition)


def test_the_list_says_what_is_on_air_and_where_its_audio_is(channel: Hotline, broadcast: Broadcast) -> None:
    answer = listed(channel)
    assert (answer["count"], answer["page"]) == (1, 1)
    shown = answer["broadcasts"][0]
    assert (shown["code"], shown["title"], shown["channels"]) == (broadcast.code, "停水通知", ["hall"])
    assert shown["audio"]["url"] == audio_path(broadcast)
    assert shown["audio"]["size"] == len(stored(broadcast))
    assert json.loads(channel.get(f"{LIST}/{broadcast.code}").content) == shown


def test_a_channel_sees_its_own(channel: Hotline, staff: dict[str, Staff]) -> None:
    publish(staff, title="热线提示", channel="hotline-menu")
    assert [row["title"] for row in listed(channel, "?channel=hotline-menu")["broadcasts"]] == ["热线提示"]
    assert listed(channel, "?channel=hotline-wait")["broadcasts"] == []
    assert_refused(channel.get(f"{LIST}?channel=nowhere"), 404, "channel_unknown")


def test_pages_are_cut_from_the_newest_on(channel: Hotline, staff: dict[str, Staff]) -> None:
    publish(staff, title="第二条")
    pages = [listed(channel, f"?page={page}&page_size=1")["broadcasts"] for page in (1, 2, 3)]
    assert [[row["title"] for row in page] for page in pages] == [["第二条"], ["停水通知"], []]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("page=-1", "query_invalid"),
        ("page=0", "query_invalid"),
        ("page=1.0", "query_invalid"),
        ("page=١", "query_invalid"),
        (f"page={10**18}", "query_invalid"),
        ("page_size=1000000", "query_invalid"),
        ("page_size=", "query_invalid"),
        ("channel=", "query_invalid"),
        ("channel='; DROP TABLE x", "query_invalid"),
        ("channel=" + "x" * 10_000, "query_invalid"),
        ("channel=%00", "query_invalid"),
        ("sort=password", "query_unknown"),
        ("filter[__class__]=x", "query_unknown"),
        ("page=1&page=2", "query_repeated"),
    ],
)
def test_a_strange_query_is_refused(channel: Hotline, query: str, code: str) -> None:
    assert_refused(channel.get(f"{LIST}?{query}"), 400, code)


@pytest.mark.parametrize("code", ["BC20990101-0001", "none", "%00", "' OR 1=1", "..%2F..%2Fetc"])
def test_what_is_not_on_air_is_not_found(channel: Hotline, code: str) -> None:
    assert channel.get(f"{LIST}/{code}").status_code == 404
    assert channel.get(f"{LIST}/{code}/audio").status_code == 404


def test_a_withdrawn_broadcast_falls_silent(
    channel: Hotline, broadcast: Broadcast, staff: dict[str, Staff]
) -> None:
    etag = channel.get(audio_path(broadcast))["ETag"]
    services.withdraw(broadcast=broadcast, staff=staff["reviewer"], origin=None)
    assert_refused(channel.get(audio_path(broadcast), If_None_Match=etag), 404, "not_found")


@pytest.mark.abuse(87)
def test_the_audio_is_the_approved_one(channel: Hotline, broadcast: Broadcast) -> None:
    response = channel.get(audio_path(broadcast))
    assert response.status_code == 200
    assert response["Content-Type"] == "audio/wav"
    assert response.content == stored(broadcast)
    assert response["ETag"] == f'"{broadcast.published_revision.approved_sha256}"'  # type: ignore[union-attr]
    assert response["Accept-Ranges"] == "bytes"
    assert response["Content-Disposition"] == f'attachment; filename="{broadcast.code}.wav"'


def test_every_fetch_leaves_a_line(channel: Hotline, broadcast: Broadcast) -> None:
    etag = channel.get(audio_path(broadcast))["ETag"]
    channel.get(audio_path(broadcast), Range="bytes=0-9")
    channel.get(audio_path(broadcast), If_None_Match=etag)
    events = Event.objects.filter(action="broadcast.fetched").order_by("pk")
    assert [event.status for event in events] == [200, 206, 304]
    assert {(event.object_id, event.actor_id) for event in events} == {(broadcast.code, "channel")}


@pytest.mark.parametrize("header", ["{etag}", '"other", {etag}', "W/{etag}", "*"])
def test_who_has_it_already_is_told_so(channel: Hotline, broadcast: Broadcast, header: str) -> None:
    etag = channel.get(audio_path(broadcast))["ETag"]
    response = channel.get(audio_path(broadcast), If_None_Match=header.replace("{etag}", etag))
    assert (response.status_code, response.content, response["ETag"]) == (304, b"", etag)


@pytest.mark.parametrize("header", ['"other"', "garbage", ""])
def test_who_has_another_gets_this_one(channel: Hotline, broadcast: Broadcast, header: str) -> None:
    assert channel.get(audio_path(broadcast), If_None_Match=header).status_code == 200


@pytest.mark.abuse(90)
@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-", 0, None),
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=-1", -1, None),
        ("bytes=-999999999", 0, None),
        ("bytes=0-999999999999", 0, None),
    ],
)
def test_a_part_is_served(
    channel: Hotline, broadcast: Broadcast, header: str, first: int, last: int | None
) -> None:
    whole = stored(broadcast)
    start = first % len(whole)
    stop = len(whole) if last is None else last + 1
    response = channel.get(audio_path(broadcast), Range=header)
    assert response.status_code == 206
    assert response.content == whole[start:stop]
    assert response["Content-Range"] == f"bytes {start}-{stop - 1}/{len(whole)}"


@pytest.mark.abuse(90)
@pytest.mark.parametrize(
    "header",
    [
        "bytes=9-5",
        "bytes=-0",
        "bytes=-",
        "bytes=999999999-",
        "bytes=" + ",".join(f"{place}-{place}" for place in range(1_000)),
        "bytes=0-1,5-6",
        "bytes=a-b",
        "bytes=0-" + "9" * 5_000,
        "lines=1-2",
    ],
)
def test_a_part_that_does_not_exist_is_refused(channel: Hotline, broadcast: Broadcast, header: str) -> None:
    response = channel.get(audio_path(broadcast), Range=header)
    assert_refused(response, 416, "range_invalid")
    assert response["Content-Range"] == f"bytes */{len(stored(broadcast))}"


def test_a_part_of_an_older_audio_becomes_the_whole(channel: Hotline, broadcast: Broadcast) -> None:
    etag = channel.get(audio_path(broadcast))["ETag"]
    path = audio_path(broadcast)
    assert channel.get(path, Range="bytes=0-9", If_Range='"older"').status_code == 200
    assert channel.get(path, Range="bytes=0-9", If_Range=etag).status_code == 206


def test_only_the_format_there_is_can_be_asked_for(channel: Hotline, broadcast: Broadcast) -> None:
    assert channel.get(f"{audio_path(broadcast)}?format=wav").status_code == 200
    assert_refused(channel.get(f"{audio_path(broadcast)}?format=mp3"), 400, "format")


def test_damaged_audio_is_not_put_on_air(channel: Hotline, broadcast: Broadcast) -> None:
    rendition = broadcast.published_revision.rendition  # type: ignore[union-attr]
    assert rendition is not None
    path = Path(storages["renditions"].path(rendition.path))
    assert path.is_relative_to(settings.VAR)
    whole = path.read_bytes()
    path.chmod(0o600)
    try:
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        response = channel.get(audio_path(broadcast))
        assert_refused(response, 503, "audio_damaged")
        assert response["Retry-After"]
        path.unlink()
        assert_refused(channel.get(audio_path(broadcast)), 503, "audio_damaged")
    finally:
        path.write_bytes(whole)
    assert not Event.objects.filter(action="broadcast.fetched").exists()


@pytest.mark.abuse(89)
def test_a_client_fetches_from_its_own_channels_only(broadcast: Broadcast) -> None:
    here, elsewhere = open_hotline("here", channels=["hall"]), open_hotline("else", channels=["hotline-menu"])
    path = f"/api/v1/broadcasts/{broadcast.code}"
    assert [here.get(name).status_code for name in (path, f"{path}/audio")] == [200, 200]
    assert json.loads(here.get("/api/v1/broadcasts").content)["count"] == 1
    assert json.loads(elsewhere.get("/api/v1/broadcasts").content)["count"] == 0
    for name in (path, f"{path}/audio"):
        assert elsewhere.get(name).status_code == 404
