"""What an auditor looks for, and as what he takes it away. Judging the terms is audit.selectors' work."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Client
from audit.errors import InvalidFilter
from audit.exports.models import Export
from audit.models import Event
from audit.selectors import EventFilter
from govvoice.portal.evidence.wording import action_offers, object_offers


class EvidenceForm(forms.Form):
    """The filters above the list; `wanted` is what they ask for."""

    since = forms.CharField(label=gettext_lazy("起始日期"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.CharField(label=gettext_lazy("截止日期"), widget=forms.DateInput(attrs={"type": "date"}))
    action = forms.CharField(label=gettext_lazy("操作"), widget=forms.Select)
    outcome = forms.CharField(label=gettext_lazy("结果"), widget=forms.Select)
    actor = forms.CharField(label=gettext_lazy("操作者"))
    client = forms.CharField(label=gettext_lazy("接入系统"), widget=forms.Select)
    object_type = forms.CharField(label=gettext_lazy("对象类型"), widget=forms.Select)
    object = forms.CharField(label=gettext_lazy("对象"))
    address = forms.CharField(label=gettext_lazy("来源地址"))
    request_id = forms.CharField(label=gettext_lazy("请求编号"))

    _HINTS = {
        "actor": gettext_lazy("姓名或编号"),
        "object": gettext_lazy("名称或编号"),
        "address": "10.1.0.0/16",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wanted = EventFilter()
        for name, field in self.fields.items():
            field.required = False
            if name in self._HINTS:
                field.widget.attrs["placeholder"] = self._HINTS[name]
        self._offer("action", action_offers())
        self._offer("outcome", Event.Outcome.choices)
        self._offer("client", Client.objects.order_by("name").values_list("code", "name"))
        self._offer("object_type", object_offers())

    def _offer(self, name: str, offers: Any) -> None:
        self.fields[name].widget.choices = [("", _("全部")), *offers]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        try:
            self.wanted = EventFilter.parse(values)
        except InvalidFilter as error:
            for name, problem in error.problems.items():
                self.add_error(name, problem)
        return values

    @property
    def terms(self) -> dict[str, str]:
        """What was filled in, for links that ask the same again."""
        return {name: value for name, value in self.cleaned_data.items() if value}


class OrderForm(forms.Form):
    """As what the events are wanted."""

    format = forms.ChoiceField(label=gettext_lazy("格式"), choices=Export.Format, widget=forms.RadioSelect)
    with_proof = forms.BooleanField(required=False, label=gettext_lazy("附可校验证据包"))
    personal = forms.BooleanField(required=False, label=gettext_lazy("证据包保留个人信息原文"))


def ranges() -> list[tuple[Promise, dict[str, str]]]:
    """The stretches of time that auditors ask for most, as terms."""
    today = timezone.localdate()
    quarter = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    starts = [
        (gettext_lazy("今天"), today),
        (gettext_lazy("近 7 天"), today - timedelta(days=6)),
        (gettext_lazy("本月"), today.replace(day=1)),
        (gettext_lazy("本季度"), quarter),
    ]
    return [(label, {"since": start.isoformat(), "until": today.isoformat()}) for label, start in starts]
