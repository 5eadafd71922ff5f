"""What is posted about broadcasts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from govvoice.broadcasts.models import Broadcast, Channel, Revision
from govvoice.broadcasts.services import Content
from govvoice.portal.desk.forms import SPOKEN, SpokenForm
from synthesis.categories import GENERAL


class BroadcastForm(SpokenForm):
    """A broadcast as it is written: the desk's fields, a title and the channels."""

    title = forms.CharField(
        label=_("标题"),
        max_length=100,
        error_messages={
            "required": _("请填写标题，便于同事在列表中辨认。"),
            "max_length": _("标题最多 %(limit_value)d 字，现为 %(show_value)d 字。"),
        },
    )
    channels = forms.ModelMultipleChoiceField(
        label=_("渠道"),
        queryset=Channel.objects.filter(is_active=True),
        to_field_name="code",
        required=False,
        error_messages={"invalid_choice": _("没有渠道“%(value)s”，请刷新页面后重新选择。")},
    )

    category = forms.CharField(
        label=_("播报类别"),
        max_length=32,
        strip=False,
        required=False,
        empty_value=GENERAL,
    )

    def content(self) -> Content:
        """What was written, once the form is valid."""
        written = {name: self.cleaned_data[name] for name in ("title", "category", *SPOKEN)}
        return Content(**written)


def written(broadcast: Broadcast, revision: Revision) -> dict[str, Any]:
    """The form's initial values for a broadcast that is there already."""
    return {
        "title": broadcast.title,
        "category": revision.category,
        "channels": [channel.code for channel in broadcast.channels.all()],
        **{name: getattr(revision, name) for name in SPOKEN},
    }


class ApprovalForm(forms.Form):
    sha256 = forms.RegexField(r"^[0-9a-f]{64}$")


class ListFilter(forms.Form):
    """The list's filters. What cannot be understood filters nothing."""

    q = forms.CharField(max_length=100, required=False)
    state = forms.ChoiceField(choices=Broadcast.State.choices, required=False)
    channel = forms.ModelChoiceField(queryset=Channel.objects.all(), to_field_name="code", required=False)
