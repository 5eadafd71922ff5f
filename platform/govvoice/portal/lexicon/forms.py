"""What staff fill in about a reading: the entry, a refusal, a file, the list's filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from govvoice.portal.places import place_of, places
from synthesis.lexicon.models import Entry
from synthesis.lexicon.scopes import Scope

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Entry]
else:
    _ModelForm = forms.ModelForm

EXAMPLES = 5
BY_SOUND, BY_TEXT = "reading", "replacement"


class EntryForm(_ModelForm):
    """A new entry or a change of one. `values` are what the services take."""

    way = forms.ChoiceField(
        label=gettext_lazy("怎么规定"),
        choices=[(BY_SOUND, gettext_lazy("规定拼音")), (BY_TEXT, gettext_lazy("换成别的文字来读"))],
        widget=forms.RadioSelect,
        initial=BY_SOUND,
    )
    place = forms.ChoiceField(label=gettext_lazy("适用范围"), initial=place_of(Scope.ALL, ""))

    class Meta:
        model = Entry
        fields = ("word", "reading", "replacement", "note", "examples", "effective_from", "effective_to")
        widgets = {
            "effective_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "effective_to": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "examples": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = places(*Scope.values, only=staff.organisation)  # type: ignore[attr-defined]
        if self.instance.pk:
            self.initial["place"] = place_of(self.instance.scope, self.instance.scope_key)
            self.initial["way"] = BY_SOUND if self.instance.reading else BY_TEXT
        self.fields["word"].error_messages["required"] = _("请填写词语。")
        for name in ("effective_from", "effective_to"):
            self.fields[name].error_messages["invalid"] = _("请填写有效的日期，例如 2026-01-31。")

    def clean(self) -> dict[str, Any]:
        """Only the way that was chosen counts; what stands in the other's field is left aside."""
        data = super().clean() or self.cleaned_data
        other = BY_TEXT if data.get("way") == BY_SOUND else BY_SOUND
        if other in data:
            data[other] = ""
        if not data.get(data.get("way", BY_SOUND)) and data.get("way") not in self.errors:
            self._name_what_is_missing(data.get("way", BY_SOUND))
        scope, _colon, key = data.get("place", "").partition(":")
        if scope:
            self.instance.scope, self.instance.scope_key = scope, key
        return data

    def _name_what_is_missing(self, way: str) -> None:
        missing = {
            BY_SOUND: _("请填写读音，例如 chong2 qing4。"),
            BY_TEXT: _("请填写要读出的文字。"),
        }
        self.add_error(way, missing[way])

    def clean_examples(self) -> str:
        lines = [line.strip() for line in self.cleaned_data["examples"].splitlines() if line.strip()]
        if len(lines) > EXAMPLES:
            raise ValidationError(_("例句最多 %(limit)d 句，每行一句。") % {"limit": EXAMPLES})
        return "\n".join(lines)

    @property
    def values(self) -> dict[str, Any]:
        """The entry's fields, once the form is valid."""
        names = (*self.Meta.fields, "scope", "scope_key")
        return {name: getattr(self.instance, name) for name in names}


class ImportForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("词典文件"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        error_messages={
            "required": gettext_lazy("请选择要导入的 CSV 或 XLSX 文件。"),
            "empty": gettext_lazy("这个文件是空的，请重新选择。"),
        },
    )


class ListFilter(forms.Form):
    """The list's filters. What cannot be understood filters nothing."""

    q = forms.CharField(max_length=100, required=False)
    state = forms.ChoiceField(choices=Entry.State.choices, required=False)
    scope = forms.ChoiceField(choices=Scope.choices, required=False)
