"""Why something is refused or sent back: always asked for, and read by whoever wrote it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from govvoice.problems import Problem

LONGEST = 300


class RefusalForm(forms.Form):
    reason = forms.CharField(
        max_length=LONGEST,
        error_messages={
            "required": _("请填写驳回原因，让提出人知道要改什么。"),
            "max_length": _("驳回原因最多 %(limit_value)d 字，现为 %(show_value)d 字。"),
        },
    )


class ReturnForm(forms.Form):
    reason = forms.CharField(
        max_length=LONGEST,
        error_messages={
            "required": _("请填写退回原因，让撰稿人知道要改什么。"),
            "max_length": _("退回原因最多 %(limit_value)d 字，现为 %(show_value)d 字。"),
        },
    )


def reason_in(form: RefusalForm | ReturnForm) -> str | Problem:
    """The reason, or what is wrong with it; the page then opens its dialog again."""
    if form.is_valid():
        return str(form.cleaned_data["reason"])
    return Problem(422, "reason_required", form.errors.as_data()["reason"][0].messages[0])
