"""What staff say of a text to be spoken: the same fields at the desk and in a broadcast."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SPOKEN = ("text", "voice", "emotion", "intensity", "rate", "pitch", "volume")


def _bounds(label: Promise, low: float, high: float) -> dict[str, Any]:
    """The arguments that every number of the form shares: its range, and what is said outside it."""
    outside = format_lazy(
        gettext_lazy("{label}须在 {low:g} 到 {high:g} 之间。"), label=label, low=low, high=high
    )
    return {
        "label": label,
        "min_value": low,
        "max_value": high,
        "error_messages": {
            "required": format_lazy(gettext_lazy("请填写{label}。"), label=label),
            "invalid": format_lazy(gettext_lazy("{label}必须是数字。"), label=label),
            "min_value": outside,
            "max_value": outside,
        },
    }


class SpokenForm(forms.Form):
    """A text and how it is said. Whether the voice can do it is the pipeline's to judge."""

    text = forms.CharField(
        label=gettext_lazy("播报内容"),
        strip=False,
        widget=forms.Textarea,
        error_messages={"required": gettext_lazy("请输入要合成的文本。")},
    )
    voice = forms.CharField(
        label=gettext_lazy("发音人"),
        max_length=64,
        strip=False,
        error_messages={"required": gettext_lazy("请选择发音人。")},
    )
    emotion = forms.CharField(
        label=gettext_lazy("情感"),
        strip=False,
        max_length=16,
        error_messages={"required": gettext_lazy("请选择情感。")},
    )
    intensity = forms.FloatField(**_bounds(gettext_lazy("强度"), 0.01, 2.0))
    rate = forms.FloatField(**_bounds(gettext_lazy("语速"), 0.5, 2.0))
    pitch = forms.FloatField(**_bounds(gettext_lazy("语调"), -12, 12))
    volume = forms.IntegerField(**_bounds(gettext_lazy("音量"), 0, 100))

    def clean_text(self) -> str:
        # Browsers send line ends as CRLF, which would count as two characters of the limit.
        text = str(self.cleaned_data["text"]).replace("\r\n", "\n")
        check_text(text)
        return text


def check_text(text: str) -> None:
    """Raises ValidationError for a text that is empty, too long, or no text."""
    if not text.strip():
        raise ValidationError(_("请输入要合成的文本。"), code="text_empty")
    limit = settings.SPEECH_MAX_CHARACTERS
    if len(text) > limit:
        raise ValidationError(
            _("文本共 %(count)d 字，超过 %(limit)d 字的上限，请删减或拆分。")
            % {"count": len(text), "limit": limit},
            code="text_too_long",
        )
    _refuse_surrogates(text)


def _refuse_surrogates(text: str) -> None:
    """JSON can carry half of a UTF-16 pair. It is no character and no message could even quote it."""
    for place, sign in enumerate(text, start=1):
        if "\ud800" <= sign <= "\udfff":
            raise ValidationError(
                _("第 %(place)d 个字不是有效的字符，请删除后重新输入。") % {"place": place},
                code="text_invalid",
            )
