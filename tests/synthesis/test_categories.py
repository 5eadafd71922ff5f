"""A kind of announcement is spoken with the emotions that staff allow it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from synthesis import pipeline
from synthesis.categories import require_emotion
from synthesis.errors import CategoryUnknown, EmotionNotInCategory
from synthesis.models import Category, Voice
from synthesis.spec import SpeechSpec

pytestmark = pytest.mark.django_db


def test_the_shipped_rules_are_sound(voice: Voice) -> None:
    shipped = {category.code: category for category in Category.objects.all()}
    assert {"notice", "guide", "weather", "disaster", "obituary", "emergency", "festival"} < shipped.keys()
    assert [code for code, category in shipped.items() if category.is_solemn] == ["disaster", "obituary"]
    for category in shipped.values():
        category.full_clean()
    assert len(shipped["general"].emotions) == 9


@pytest.mark.parametrize("code", ["obituary", "disaster"])
@pytest.mark.parametrize("change", [{"emotions": ["neutral", "happy"]}, {"is_solemn": False}])
def test_obituaries_and_disasters_cannot_be_made_cheerful(
    voice: Voice, code: str, change: dict[str, Any]
) -> None:
    category = Category.objects.get(code=code)
    for name, value in change.items():
        setattr(category, name, value)
    category.default_emotion = "neutral"
    with pytest.raises(ValidationError):
        category.clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        category.save()


def test_the_default_is_one_of_the_allowed(voice: Voice) -> None:
    category = Category.objects.get(code="notice")
    category.default_emotion = "angry"
    with pytest.raises(ValidationError, match="默认情感"):
        category.clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        category.save()


def test_another_emotion_is_refused_with_those_that_may(voice: Voice) -> None:
    with pytest.raises(EmotionNotInCategory) as refused:
        require_emotion("obituary", "happy")
    assert str(refused.value.message) == "播报类别“讣告”不能使用情感 高兴，可用：中性、悲伤、温和、严肃。"
    assert refused.value.field == "emotion"
    with pytest.raises(CategoryUnknown):
        require_emotion("wedding", "happy")


def test_ssml_does_not_get_round_the_rule(voice: Voice) -> None:
    text = '<speak>各界人士<emotion category="happy">沉痛悼念</emotion>。</speak>'
    spec = SpeechSpec(text=text, is_ssml=True, emotion="sad", category="obituary")
    with pytest.raises(EmotionNotInCategory) as refused:
        pipeline.plan(spec)
    assert (refused.value.field, refused.value.position) == ("ssml", text.index("沉痛"))
    pipeline.plan(SpeechSpec(text=text, is_ssml=True, emotion="sad"))


def test_what_the_voice_cannot_do_is_refused_before(voice: Voice) -> None:
    """Never a silent neutral: the voice's own emotions are named."""
    Category.objects.filter(code="obituary").update(emotions=["sad", "fear"], default_emotion="sad")
    spec = SpeechSpec(text="沉痛悼念。", voice="qinghe-steady", emotion="fear", category="obituary")
    with pytest.raises(Exception, match="可用：neutral、sad、gentle、serious"):
        pipeline.plan(spec)
