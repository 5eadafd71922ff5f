"""A voice goes out of service: what names it is shown, and another takes its place everywhere at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Client, Organisation
from accounts.services import save_organisation
from audit.models import Event
from audit.parties import SYSTEM, Origin
from govvoice.broadcasts.channels import default_voice, default_voice_of, save_channel
from govvoice.broadcasts.models import Broadcast, Channel
from synthesis import casting, enrolment, uses
from synthesis.catalogue import needs_successor, set_default, switch_off, switch_on
from synthesis.errors import EnrolmentRefused, VoiceRefused, VoiceUnknown
from synthesis.lexicon.models import Entry
from synthesis.models import Rendition, Voice
from tests.api.cast import Hotline
from tests.portal.broadcasts.cast import Official, approved, official, published, submitted, with_audio
from tests.synthesis.screening.cast import forbid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_remembered")]


@pytest.fixture
def other(voice: Voice) -> Voice:
    """A second voice that speaks without a model."""
    second = Voice.objects.get(code="qinghe")
    second.engine = "tone"
    second.save()
    return second


@pytest.fixture
def system_admin(voice: Voice) -> Official:
    return official("system_admin")


def kinds(voice: Voice) -> dict[str, list[str]]:
    return {str(group.room.label): [use.name or use.title for use in group.uses] for group in uses.of(voice)}


def replace(old: Voice, new: Voice | None, by: Official) -> None:
    switch_off(voice=old, successor=new, staff=by.staff, origin=None)


def give_default(row: Organisation | Channel, code: str) -> None:
    row.default_voice = code
    if isinstance(row, Channel):
        save_channel(channel=row, changed={}, actor=SYSTEM, origin=None)
    else:
        save_organisation(organisation=row, changed={}, actor=SYSTEM, origin=None)


def entry(word: str, reading: str, author: Official, reviewer: Official, voice: str = "tone") -> Entry:
    row = Entry(
        word=word,
        reading=reading,
        scope="voice",
        scope_key=voice,
        state="active",
        author_id=author.staff.pk,
        author_name="a",
        decider_id=reviewer.staff.pk,
        decided_at=timezone.now(),
        effective_from=timezone.localdate() - timedelta(days=1),
    )
    row.full_clean(exclude=["decider_name"])
    row.save()
    return row


def test_everything_that_names_a_voice_is_handed_on_in_one_go(
    voice: Voice, other: Voice, hotline: Hotline, editor: Official, reviewer: Official, system_admin: Official
) -> None:
    Client.objects.filter(pk=hotline.row.pk).update(default_voice="tone", voices=["tone"])
    give_default(Organisation.objects.get(code="default"), "tone")
    give_default(Channel.objects.get(code="hall"), "tone")
    draft, on_air = with_audio(editor, title="草稿"), published(editor, reviewer, title="在播")
    waiting, agreed = submitted(editor, title="待审"), approved(editor, reviewer, title="已批准")
    entry("行长", "hang2 zhang3", editor, reviewer)
    assert kinds(voice) == {
        "接入系统": ["测试热线 hotline"],
        "部门默认": ["政务服务热线中心"],
        "读音词典": ["行长 → hang2 zhang3"],
        "渠道默认": ["政务大厅广播"],
        "播报": [agreed.code, waiting.code, on_air.code, draft.code],
    }
    with pytest.raises(VoiceRefused, match="请选择替代音色"):
        replace(voice, None, system_admin)
    before = Event.objects.count()
    kept = list(Rendition.objects.exclude(revisions__broadcast=draft).values_list("pk", "sha256", "path"))
    replace(voice, other, system_admin)

    client = Client.objects.get(code="hotline")
    assert (client.default_voice, client.voices) == ("qinghe", ["qinghe"])
    assert Organisation.objects.get(code="default").default_voice == "qinghe"
    assert Channel.objects.get(code="hall").default_voice == "qinghe"
    assert Voice.objects.get(is_default=True) == other
    spoken = {row.title: row.latest.voice for row in Broadcast.objects.all()}
    assert spoken == {"草稿": "qinghe", "在播": "tone", "待审": "tone", "已批准": "tone"}
    assert draft.latest.rendition is None
    assert draft.latest.author == editor.staff
    unchanged = Rendition.objects.exclude(pk__in=Rendition.objects.filter(revisions=None))
    assert list(unchanged.values_list("pk", "sha256", "path")) == kept
    proposal = Entry.objects.get(scope_key="qinghe")
    assert (proposal.word, proposal.reading, proposal.state) == ("行长", "hang2 zhang3", "pending")

    written = list(Event.objects.order_by("pk").values_list("action", flat=True))[before:]
    assert sorted(written) == [
        "broadcast.edited",
        "channel.changed",
        "client.changed",
        "lexicon.proposed",
        "organisation.changed",
        "voice.changed",
        "voice.disabled",
    ]
    assert Event.objects.get(action="channel.changed", actor_kind="staff").details == {
        "default_voice": ["tone", "qinghe"]
    }
    with pytest.raises(VoiceUnknown):
        casting.find_voice("tone")
    assert hotline.say(voice="tone").status_code in {404, 422}
    assert hotline.get("/api/v1/voices/tone").status_code == 404


def test_a_refused_handover_changes_nothing(
    voice: Voice, other: Voice, editor: Official, system_admin: Official, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = with_audio(editor)
    Voice.objects.filter(pk=other.pk).update(is_active=False)
    other.refresh_from_db()
    for unfit in (other, voice):
        with pytest.raises(VoiceRefused, match="另一个启用中的音色"):
            replace(voice, unfit, system_admin)
    voice.refresh_from_db()
    assert voice.is_active
    assert draft.latest.voice == "tone"


def test_a_voice_nobody_names_needs_no_successor(voice: Voice, other: Voice, system_admin: Official) -> None:
    assert needs_successor(voice)
    assert not needs_successor(other)
    replace(other, None, system_admin)
    other.refresh_from_db()
    assert not other.is_active
    switch_on(voice=other, actor=SYSTEM, origin=Origin())
    switch_on(voice=other, actor=SYSTEM, origin=Origin())
    other.refresh_from_db()
    assert other.is_active
    assert Event.objects.filter(action="voice.enabled").count() == 1


def test_what_was_approved_is_still_published_and_fetched(
    voice: Voice, other: Voice, hotline: Hotline, editor: Official, reviewer: Official, system_admin: Official
) -> None:
    from govvoice.broadcasts import services

    forbid("检修", level="mask", substitute="维护")
    agreed, on_air = approved(editor, reviewer), published(editor, reviewer, title="在播")
    replace(voice, other, system_admin)
    services.publish(broadcast=agreed, staff=reviewer.staff, origin=None)
    for broadcast in (agreed, on_air):
        answer = hotline.get(f"/api/v1/broadcasts/{broadcast.code}/audio")
        assert answer.status_code == 200
        assert answer["ETag"] == f'"{broadcast.revisions.latest().approved_sha256}"'


def test_readings_that_the_successor_has_are_not_proposed_twice(
    voice: Voice, other: Voice, editor: Official, reviewer: Official, system_admin: Official
) -> None:
    entry("行长", "hang2 zhang3", editor, reviewer)
    entry("行长", "xing2 zhang3", editor, reviewer, voice="qinghe")
    replace(voice, other, system_admin)
    assert not Entry.objects.filter(state="pending").exists()


def test_a_voice_in_use_is_not_removed_by_command_either(
    voice: Voice, other: Voice, editor: Official
) -> None:
    with_audio(editor, voice="qinghe")
    with pytest.raises(EnrolmentRefused, match="仍在使用"):
        enrolment.retire(voice=other, actor=SYSTEM, origin=None)


def test_only_a_voice_in_service_becomes_the_default(voice: Voice, other: Voice) -> None:
    Voice.objects.filter(pk=other.pk).update(is_active=False)
    with pytest.raises(VoiceRefused, match="停用的音色不能设为默认"):
        set_default(voice=other, actor=SYSTEM, origin=Origin())
    assert Voice.objects.get(is_default=True) == voice


def test_the_nearest_default_speaks(hotline: Hotline, other: Voice) -> None:
    client = hotline.row
    assert default_voice_of(client) == ""
    client.organisation.default_voice = "qinghe"
    assert default_voice_of(client) == "qinghe"
    give_default(Channel.objects.get(code="hall"), "tone")
    assert default_voice(client.organisation, ["hall"]) == "tone"
    assert default_voice(client.organisation, ["hall", "hotline-menu"]) == "qinghe"
    client.channels = ["hall"]
    assert default_voice_of(client) == "tone"
    client.default_voice = "qinghe"
    assert default_voice_of(client) == "qinghe"
