"""What was approved is what is spoken: where it holds, when it holds, in every process within two seconds."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.parties import SYSTEM, Origin
from govvoice.embedded.places import ROOT
from synthesis import pipeline
from synthesis.errors import TextBlocked, TextRefused
from synthesis.lexicon import current, services
from synthesis.lexicon.models import Entry
from synthesis.services import request_rendition, request_speech
from synthesis.spec import SpeechSpec
from synthesis.text import Entry as TextEntry
from synthesis.text import make_script
from tests.portal.broadcasts.cast import Official
from tests.synthesis.lexicon.cast import WORD, active, phones, proposed

PROMISED_SECONDS = 2.0

READER = """
import django, sys
django.setup()
from synthesis.lexicon import current
from synthesis.text import make_script
for line in sys.stdin:
    script = make_script(line.strip(), lexicon=current.lexicon(voice="tone"))
    print(" ".join(script.phrases[0].phones), flush=True)
"""


@pytest.mark.django_db
def test_the_narrower_scope_is_spoken(editor: Official, reviewer: Official) -> None:
    for scope, key, reading in (
        ("all", "", "dan1 xian4"),
        ("organisation", "default", "dan2 xian4"),
        ("channel", "hall", "dan3 xian4"),
        ("voice", "tone", "dan4 xian4"),
    ):
        active(editor, reviewer, word="单县", reading=reading, scope=scope, scope_key=key)
    here = {"organisation": "default", "channels": ["hall"]}
    assert phones("单县", voice="tone", **here)[0] == "dan4"
    assert phones("单县", voice="other", **here)[0] == "dan3"
    assert phones("单县", voice="other", organisation="default")[0] == "dan2"
    assert phones("单县", voice="other", organisation="another")[0] == "dan1"


@pytest.mark.django_db
def test_of_two_channels_the_first_ones_word_counts(editor: Official, reviewer: Official) -> None:
    active(editor, reviewer, word="单县", reading="dan2 xian4", scope="channel", scope_key="hall")
    active(editor, reviewer, word="单县", reading="dan4 xian4", scope="channel", scope_key="hotline-menu")
    assert phones("单县", channels=["hotline-menu", "hall"])[0] == "dan4"
    assert phones("单县", channels=["hall", "hotline-menu"])[0] == "dan2"


@pytest.mark.django_db
def test_an_entry_holds_from_its_first_day_to_its_last(editor: Official, reviewer: Official) -> None:
    today, day = timezone.localdate(), timedelta(days=1)
    plain = [phone for phone in make_script("单县").phrases[0].phones if not phone.startswith("#")]
    for first, last, holds in (
        (today, today, True),
        (today - day, None, True),
        (today + day, None, False),
        (today - 2 * day, today - day, False),
    ):
        entry = active(editor, reviewer, **WORD, effective_from=first, effective_to=last)
        assert (phones("单县") != plain) is holds, (first, last)
        services.retire(entry=entry, staff=reviewer.staff, origin=None)


@pytest.mark.django_db
def test_between_looks_the_database_is_left_alone(editor: Official, reviewer: Official) -> None:
    active(editor, reviewer)
    phones("单县")
    with CaptureQueriesContext(connection) as asked:
        phones("单县")
    assert len(asked) == 0


@pytest.mark.django_db
def test_one_bad_row_does_not_silence_the_others(
    editor: Official, reviewer: Official, caplog: pytest.LogCaptureFixture
) -> None:
    active(editor, reviewer)
    broken = active(editor, reviewer, word="坏词", replacement="好词")
    Entry.objects.filter(pk=broken.pk).update(reading="xyz9 xyz9", replacement="")
    current.forget()
    assert phones("单县")[0] == "dan1"
    assert f"entry {broken.pk} is left out" in caplog.text


@pytest.mark.django_db
def test_a_reading_changes_the_names_of_sounds(editor: Official, reviewer: Official) -> None:
    spec = SpeechSpec(text="单县今天下雨。明天晴。", voice="tone")
    before = pipeline.plan(spec)
    active(editor, reviewer)
    after = pipeline.plan(spec)
    assert after.key != before.key
    changed = [old != new for old, new in zip(before.phrase_keys, after.phrase_keys, strict=True)]
    assert changed == [True, False]


@pytest.mark.django_db
def test_what_is_said_instead_keeps_the_place_of_the_word(editor: Official, reviewer: Official) -> None:
    active(editor, reviewer, word="ETC", replacement="电子不停车收费")
    script = pipeline.plan(SpeechSpec(text="请走ETC车道。", voice="tone")).script
    assert script.normalized == "请走电子不停车收费车道。"
    said = [syllable for syllable in script.syllables if (syllable.start, syllable.end) == (2, 5)]
    assert "".join(syllable.char for syllable in said) == "电子不停车收费"
    assert (script.phrases[0].start, script.phrases[0].text[:5]) == (0, "请走ETC")


@pytest.mark.django_db
def test_what_is_heard_is_screened_as_well(editor: Official, reviewer: Official) -> None:
    active(editor, reviewer, word="甲乙", replacement="代办高额")
    with pytest.raises(TextBlocked) as refused:
        request_speech(spec=SpeechSpec(text="我们甲乙贷款。", voice="tone"), actor=SYSTEM, origin=Origin())
    assert refused.value.position == 2
    with pytest.raises(TextBlocked):
        request_rendition(spec=SpeechSpec(text="我们甲乙贷款。", voice="tone"))


@pytest.mark.django_db
def test_an_entry_can_be_heard_before_it_is_proposed(editor: Official, reviewer: Official) -> None:
    active(editor, reviewer)
    spec = SpeechSpec(text="单县。", voice="tone")
    tried = pipeline.plan(spec, trials=[TextEntry("单县", pinyin="chan2 xian4")]).script
    assert tried.phrases[0].phones[0] == "chan2"
    assert pipeline.plan(spec).script.phrases[0].phones[0] == "dan1"
    with pytest.raises(TextRefused, match="试听的词条有误"):
        pipeline.plan(spec, trials=[TextEntry("单县", pinyin="xyz9")])


class Reader:
    """Another process, which reads texts by the lexicon in force there."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", READER], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def read(self, text: str) -> str:
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(text + "\n")
        stdin.flush()
        return stdout.readline().strip()


@pytest.fixture
def reader(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    monkeypatch.setenv("DATABASE_URL", database.geturl())
    running = Reader()
    yield running
    running.process.communicate(timeout=30)


@pytest.mark.django_db(transaction=True)
def test_another_process_hears_of_it_within_two_seconds(
    reader: Reader, editor: Official, reviewer: Official
) -> None:
    before = reader.read("单县")
    entry = proposed(editor)
    services.approve(entry=entry, staff=reviewer.staff, origin=None)
    time.sleep(PROMISED_SECONDS)
    assert reader.read("单县").startswith("dan1")
    services.retire(entry=entry, staff=reviewer.staff, origin=None)
    time.sleep(PROMISED_SECONDS)
    assert reader.read("单县") == before


@pytest.mark.django_db(transaction=True)
def test_the_process_that_decided_knows_at_once(editor: Official, reviewer: Official) -> None:
    before = phones("单县")
    services.approve(entry=proposed(editor), staff=reviewer.staff, origin=None)
    assert phones("单县") != before
