"""What a security administrator fills in for a client system."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.certificates import fingerprint_of
from accounts.fields import validate_network, validate_webhook_url
from accounts.models import ApiKey, Client, Organisation
from accounts.networks import parse_network
from govvoice.broadcasts.models import Channel
from synthesis.audio import FORMATS
from synthesis.models import Emotion, Voice

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Client]
else:
    _ModelForm = forms.ModelForm

ALL = gettext_lazy("全不选表示不限。")
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_DIGITS = re.compile(r"[0-9A-Fa-f:]+")
_LOCAL = "%Y-%m-%dT%H:%M"


def _several(
    label: Any, choices: Sequence[tuple[str, str]] = (), *, help_text: Any = ALL
) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, help_text=help_text, widget=forms.CheckboxSelectMultiple
    )


def _channels() -> QuerySet[Channel, tuple[str, str]]:
    return Channel.objects.filter(is_active=True).values_list("code", "name")


class ClientForm(_ModelForm):
    """A client's fields; `values` are what the services take."""

    default_voice = forms.ChoiceField(
        label=gettext_lazy("默认发音人"),
        required=False,
        help_text=gettext_lazy("调用时未指定发音人则用此发音人；不选则用平台默认。"),
    )

    voices = _several(gettext_lazy("可用发音人"))
    emotions = _several(gettext_lazy("可用情感"))
    formats = _several(gettext_lazy("可用音频格式"), [(name, name.upper()) for name in FORMATS])
    channels = _several(
        gettext_lazy("可取用渠道"), help_text=gettext_lazy("只能取用所选渠道的播报；全不选表示不限。")
    )

    certificates = forms.CharField(
        label=gettext_lazy("客户端证书指纹"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "gv-mono", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "填写后，调用须出示其中一张证书（双向 TLS）。每行一个 SHA-256 指纹，或粘贴 PEM；留空表示不要求。"
        ),
    )

    class Meta:
        model = Client
        fields = (
            "name", "organisation", "contact", "purpose", "voices", "default_voice", "emotions", "formats",
            "channels", "response", "certificates", "expires_at", "calls_per_second", "calls_per_minute",
            "calls_at_once", "characters_per_day", "characters_per_month",
        )  # fmt: skip
        widgets = {"expires_at": forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_LOCAL)}
        help_texts = {
            "name": gettext_lazy("例如：12345 热线语音导航"),
            "contact": gettext_lazy("对方负责人姓名和电话，便于出现异常时联系。"),
            "expires_at": gettext_lazy("到期后该系统的全部密钥失效；留空表示长期。"),
            "calls_per_second": gettext_lazy("超过时接口返回 429，请对方稍后重试。"),
            "calls_at_once": gettext_lazy("正在合成的请求至多这么多个；超过时接口返回 429。"),
            "response": gettext_lazy("请求未写明 response 时的应答方式。"),
            "characters_per_day": gettext_lazy("北京时间 0 时重新计算。"),
            "characters_per_month": gettext_lazy("北京时间每月 1 日重新计算；留空表示不限。"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        voices = Voice.objects.filter(is_active=True).select_related("speaker")
        choices = [(voice.code, f"{voice} ({voice.code})") for voice in voices]
        self.fields["default_voice"].choices = [("", _("平台默认")), *choices]  # type: ignore[attr-defined]
        self.fields["voices"].choices = choices  # type: ignore[attr-defined]
        self.fields["emotions"].choices = list(Emotion.objects.values_list("code", "name"))  # type: ignore[attr-defined]
        self.fields["channels"].choices = list(_channels())  # type: ignore[attr-defined]
        self.fields["organisation"].queryset = Organisation.objects.filter(is_active=True)  # type: ignore[attr-defined]
        self.fields["organisation"].empty_label = _("请选择")  # type: ignore[attr-defined]
        for name in ("calls_per_second", "calls_per_minute", "calls_at_once"):
            self.fields[name].validators.append(MinValueValidator(1))
        self.initial["certificates"] = "\n".join(self.instance.certificates)
        self.fields["expires_at"].input_formats = [_LOCAL]  # type: ignore[attr-defined]

    def clean_certificates(self) -> list[str]:
        text = self.cleaned_data["certificates"]
        pieces = [*_PEM.findall(text), *_PEM.sub(" ", text).replace(",", " ").split()]
        if pieces and not settings.CLIENT_CERTIFICATE_HEADER:
            raise ValidationError(
                _("平台未设置证书请求头（GOVVOICE_CLIENT_CERT_HEADER），填写后将无法调用。")
            )
        return list(dict.fromkeys(map(_read_fingerprint, pieces)))

    def clean_expires_at(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["expires_at"]
        if moment is not None and moment <= timezone.now():
            raise ValidationError(_("到期时间应晚于现在。"))
        return moment

    @property
    def values(self) -> dict[str, object]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class NewClientForm(ClientForm):
    """With what is settled once: the code; and the first networks."""

    networks = forms.CharField(
        label=gettext_lazy("IP 白名单"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "gv-mono", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "每行一个地址或网段，支持 IPv4 和 IPv6；之后可随时增减。未填写前该系统不能调用接口。"
        ),
    )

    class Meta(ClientForm.Meta):
        fields = ("name", "code", *ClientForm.Meta.fields[1:])  # type: ignore[assignment]
        help_texts = {
            **ClientForm.Meta.help_texts,
            "code": gettext_lazy("小写字母、数字和连字符，创建后不能修改，例如 hotline-12345。"),
        }

    def clean_networks(self) -> list[str]:
        return [read_network(text) for text in self.cleaned_data["networks"].replace(",", " ").split()]


class NetworkForm(forms.Form):
    network = forms.CharField(label=gettext_lazy("地址或网段"), max_length=49)

    def clean_network(self) -> str:
        return read_network(self.cleaned_data["network"])


class WebhookForm(forms.Form):
    url = forms.CharField(
        label=gettext_lazy("通知地址"), max_length=500, strip=True, validators=[validate_webhook_url]
    )


class LifetimeForm(forms.Form):
    """How long a new key is good for."""

    LIFETIMES = {
        "90": gettext_lazy("90 天"),
        "180": gettext_lazy("180 天"),
        "365": gettext_lazy("1 年"),
        "": gettext_lazy("长期有效"),
    }

    days = forms.ChoiceField(
        label=gettext_lazy("有效期"), choices=list(LIFETIMES.items()), required=False, initial="365"
    )

    @property
    def expires_at(self) -> datetime | None:
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=int(days)) if days else None


class KeyForm(LifetimeForm):
    """And what it is good for."""

    kind = forms.ChoiceField(
        label=gettext_lazy("类别"),
        choices=[
            (ApiKey.Kind.KEY, gettext_lazy("API 密钥：直接调用接口")),
            (ApiKey.Kind.SECRET, gettext_lazy("客户端密钥：换取 10 分钟的令牌再调用")),
        ],
        required=False,
    )
    field_order = ("kind", "days")

    @property
    def issued_kind(self) -> ApiKey.Kind:
        return ApiKey.Kind(self.cleaned_data["kind"] or ApiKey.Kind.KEY)


def _read_fingerprint(piece: str) -> str:
    """Raises ValidationError naming what was typed."""
    found = fingerprint_of(piece) if _DIGITS.fullmatch(piece) or _PEM.fullmatch(piece) else None
    if found is None:
        message = _("“%(value)s”不是 SHA-256 指纹（64 位十六进制）或 PEM 证书。")
        raise ValidationError(message % {"value": piece[:80]})
    return found


def read_network(text: str) -> str:
    """The network in its one spelling. Raises ValidationError naming what was typed."""
    validate_network(text)
    return str(parse_network(text))
