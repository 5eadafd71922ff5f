"""What staff fill in of speakers and defaults."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from synthesis.models import Speaker, Voice

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Speaker]
else:
    _ModelForm = forms.ModelForm


class SpeakerForm(_ModelForm):
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("语种"),
        choices=Speaker.Language.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("请至少选择一个语种。")},
    )
    picture = forms.FileField(
        label=gettext_lazy("头像"),
        required=False,
        help_text=gettext_lazy("PNG 或 JPEG，不超过 2 MB，取正中的方形；不上传则显示名称的首字。"),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
    )
    remove_picture = forms.BooleanField(label=gettext_lazy("移除现有头像"), required=False)

    class Meta:
        model = Speaker
        fields = ("name", "name_en", "gender", "description", "languages")
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}
        help_texts = {
            "gender": gettext_lazy("按听起来的感觉选择。"),
            "description": gettext_lazy("一两句话：音色特点、适合的场合。"),
        }

    @property
    def sent_picture(self) -> bytes | None:
        """The new picture, empty to take away the old one, None to leave it."""
        if self.cleaned_data["remove_picture"]:
            return b""
        sent = self.cleaned_data["picture"]
        return sent.read() if sent else None

    @property
    def changed(self) -> dict[str, list[str]]:
        """Field -> [before, after] of what the evidence tells."""
        fields = [name for name in self.changed_data if name in self.Meta.fields]
        return {name: [_text(self.initial.get(name)), _text(self.cleaned_data[name])] for name in fields}


def _text(value: Any) -> str:
    return "、".join(value) if isinstance(value, list) else str(value or "")


class DefaultForm(forms.Form):
    """Whose voice speaks in one place where none is named."""

    voice = forms.ChoiceField(label=gettext_lazy("默认发音人"), required=False)

    def __init__(self, *args: Any, voices: Iterable[Voice], is_required: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(voice.code, f"{voice} ({voice.code})") for voice in voices]
        inherited = [] if is_required else [("", _("不另设"))]
        self.fields["voice"].choices = [*inherited, *choices]  # type: ignore[attr-defined]
        self.fields["voice"].required = is_required


class SuccessorForm(forms.Form):
    """Who takes over from a voice that goes out of service."""

    successor = forms.ChoiceField(
        label=gettext_lazy("替代音色"),
        required=False,
        help_text=gettext_lazy("用到它的地方都改用替代音色。"),
    )

    def __init__(self, *args: Any, voices: Iterable[Voice], is_required: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(voice.code, f"{voice} ({voice.code})") for voice in voices]
        self.fields["successor"].choices = [("", _("请选择") if is_required else _("不需要")), *choices]  # type: ignore[attr-defined]
