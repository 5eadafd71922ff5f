"""What emotions a kind of announcement may be spoken with: staff's rules, and where they are enforced.

Every text that names its category is held to it, phrase by phrase, where the manner of each phrase is settled
(`casting`): so SSML cannot get round it, and no door can forget to ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from audit.parties import Actor, Origin, Target
from audit.services import record
from synthesis.errors import CategoryUnknown, EmotionNotInCategory
from synthesis.models import Category, Emotion

GENERAL: Final = "general"  # for what belongs to no other: as shipped it allows all emotions


def find_category(code: str) -> Category:
    """Raises CategoryUnknown."""
    category = Category.objects.filter(code=code).first()
    if category is None:
        raise CategoryUnknown
    return category


def require_emotion(category: str, emotion: str) -> None:
    """Raises CategoryUnknown, EmotionNotInCategory."""
    if message := objection(find_category(category), emotion):
        raise EmotionNotInCategory(message, field="emotion")


def objection(category: Category, emotion: str) -> str:
    """Why the category may not be spoken so, empty when it may."""
    if emotion in category.emotions:
        return ""
    names = {row.code: row.local_name for row in Emotion.objects.all()}
    return _("播报类别“%(category)s”不能使用情感 %(emotion)s，可用：%(offered)s。") % {
        "category": category.local_name,
        "emotion": names.get(emotion, emotion),
        "offered": "、".join(name for code, name in names.items() if code in category.emotions),
    }


@transaction.atomic
def save_category(*, category: Category, actor: Actor, origin: Origin | None) -> None:
    """Makes a category or keeps a changed one, with evidence of what changed. Raises ValidationError."""
    before = Category.objects.select_for_update().filter(pk=category.pk).first()
    category.full_clean()
    category.save()
    record(
        action="category.changed" if before else "category.created",
        actor=actor,
        target=Target(type="category", id=category.code, name=category.name),
        origin=origin,
        details=_difference(_told(before) if before else {}, _told(category)),
    )


def _told(category: Category) -> dict[str, str]:
    names = ("name", "name_en", "description", "default_emotion", "default_intensity", "is_solemn")
    return {name: str(getattr(category, name)) for name in names} | {"emotions": " ".join(category.emotions)}


def _difference(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, Any]:
    return {name: [before.get(name, ""), now] for name, now in after.items() if before.get(name) != now}
