"""What staff fill in about word lists and held texts."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from govvoice.portal.places import place_of, places
from govvoice.portal.screening.wording import OPTIONS, RULES
from synthesis.screening.documents import Word
from synthesis.screening.models import LEVELS, ListVersion, Scope
from synthesis.screening.review import ACTIONS
from synthesis.screening.verdicts import Options

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[ListVersion]
else:
    _ModelForm = forms.ModelForm

_DATE: dict[str, Any] = {
    "widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    "required": False,
}
_LEVELS = [("", gettext_lazy("与词库相同")), *LEVELS]
_OWN_CHOICE = Options()


class SettingsForm(_ModelForm):
    """What a list is called, where and when it holds, and how strict it is. `values` are for the services."""

    place = forms.ChoiceField(label=gettext_lazy("适用范围"), initial=place_of(Scope.ALL, ""))
    folds = forms.MultipleChoiceField(
        label=gettext_lazy("识别哪些变形"),
        choices=list(OPTIONS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    gap = forms.IntegerField(label=gettext_lazy("字间最多跳过的字符数"), min_value=0, max_value=20)
    confidential = forms.BooleanField(label=gettext_lazy("加密保存"), required=False)

    class Meta:
        model = ListVersion
        fields = (
            "name",
            "category",
            "level",
            "reason",
            "basis",
            "effective_from",
            "effective_to",
            "is_enabled",
        )
        widgets = {
            "effective_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "effective_to": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = places(*Scope.values)  # type: ignore[attr-defined]
        self.fields["name"].error_messages["required"] = _("请填写词库名称。")
        options = Options(**self.instance.options)
        self.initial["folds"] = [name for name in OPTIONS if getattr(options, name)]
        self.initial["gap"] = options.gap
        self.initial["place"] = place_of(self.instance.scope, self.instance.scope_key)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        scope, _colon, key = data.get("place", "").partition(":")
        if scope:
            self.instance.scope, self.instance.scope_key = scope, key
        return data

    @property
    def values(self) -> dict[str, Any]:
        """The settings, once the form is valid."""
        names = (*self.Meta.fields, "scope", "scope_key")
        return {name: getattr(self.instance, name) for name in names} | {"options": self._options()}

    def _options(self) -> dict[str, Any]:
        """Only what differs from the library's own choice, so that this may be bettered later."""
        chosen = {name: name in self.cleaned_data["folds"] for name in OPTIONS}
        chosen["gap"] = self.cleaned_data["gap"]
        return {
            one.name: chosen[one.name]
            for one in fields(Options)
            if one.name in chosen and chosen[one.name] != getattr(_OWN_CHOICE, one.name)
        }


class WordsForm(forms.Form):
    """Words, one a line, and what is said of all of them."""

    words = forms.CharField(
        label=gettext_lazy("敏感词，每行一个"),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("请填写至少一个词。")},
    )
    level = forms.ChoiceField(label=gettext_lazy("处理方式"), choices=_LEVELS, required=False)
    substitute = forms.CharField(label=gettext_lazy("替换文本"), max_length=200, required=False)
    reason = forms.CharField(label=gettext_lazy("说明"), max_length=200, required=False)
    basis = forms.CharField(label=gettext_lazy("法律依据"), max_length=200, required=False)
    since = forms.DateField(label=gettext_lazy("生效日期"), **_DATE)
    until = forms.DateField(label=gettext_lazy("失效日期"), **_DATE)

    def made(self) -> list[Word]:
        """The words, once the form is valid."""
        told = {name: value for name, value in self.cleaned_data.items() if name != "words"}
        return [Word(line, **told) for line in lines_of(self.cleaned_data["words"])]


class AllowedForm(forms.Form):
    """Everything that the list lets pass, one a line."""

    allowed = forms.CharField(
        label=gettext_lazy("放行词，每行一个"), widget=forms.Textarea(attrs={"rows": 4}), required=False
    )

    def made(self) -> list[str]:
        return lines_of(self.cleaned_data["allowed"])


class RuleForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("规则"), choices=list(RULES.items()))
    value = forms.CharField(
        label=gettext_lazy("内容"), widget=forms.Textarea(attrs={"rows": 3}), max_length=4000, required=False
    )
    level = forms.ChoiceField(label=gettext_lazy("处理方式"), choices=_LEVELS, required=False)
    reason = forms.CharField(label=gettext_lazy("说明"), max_length=200, required=False)


class DecisionForm(forms.Form):
    """What becomes of a held text."""

    decision = forms.ChoiceField(choices=[(state.value, state.label) for state in ACTIONS])
    reason = forms.CharField(
        max_length=300,
        required=False,
        error_messages={"max_length": gettext_lazy("理由最多 %(limit_value)d 字，现为 %(show_value)d 字。")},
    )


class ImportForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("词库文件"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.txt"}),
        error_messages={
            "required": gettext_lazy("请选择要导入的 CSV、XLSX 或 TXT 文件。"),
            "empty": gettext_lazy("这个文件是空的，请重新选择。"),
        },
    )
    replacing = forms.BooleanField(
        label=gettext_lazy("以文件替换整个词库（文件中没有的词将被删除）"), required=False
    )


class QueueFilter(forms.Form):
    """What cannot be understood filters nothing."""

    state = forms.ChoiceField(choices=[("decided", ""), ("waiting", "")], required=False)


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
