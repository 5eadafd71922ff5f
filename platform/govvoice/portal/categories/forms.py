"""What the security administrator fills in about a category."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from synthesis.models import Category, Emotion

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Category]
else:
    _ModelForm = forms.ModelForm


class CategoryForm(_ModelForm):
    """Whether the rule holds together is the model's to judge."""

    emotions = forms.MultipleChoiceField(
        label=_("可用情感"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选择一种可用情感。")},
    )
    default_emotion = forms.ChoiceField(label=_("默认情感"))

    class Meta:
        model = Category
        fields = (
            "code", "name", "name_en", "description", "emotions", "default_emotion", "default_intensity",
            "is_solemn", "position",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(emotion.code, str(emotion)) for emotion in Emotion.objects.all()]
        for name in ("emotions", "default_emotion"):
            self.fields[name].choices = offered  # type: ignore[attr-defined]
        # Callers and broadcasts name it by its code.
        self.fields["code"].disabled = self.instance.pk is not None
