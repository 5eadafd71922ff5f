"""What is wrong with a caller's SSML, in the words of the interface."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from synthesis.text import SsmlError, line_and_column

_REASONS = {
    "ssml_too_long": gettext_lazy("内容过长。"),
    "ssml_too_deep": gettext_lazy("元素嵌套过深，或属性过多。"),
    "ssml_entity_forbidden": gettext_lazy("不允许文档类型和实体声明。"),
    "ssml_tag_forbidden": gettext_lazy("含有不支持的元素或处理指令。"),
    "say_as_unknown": gettext_lazy("不支持这种 interpret-as。"),
    "phoneme_invalid": gettext_lazy("读音不是带声调数字的拼音。"),
    "emotion_unknown": gettext_lazy("没有这种情感。"),
    "break_range": gettext_lazy("停顿的取值超出范围。"),
    "rate_range": gettext_lazy("语速的取值超出范围。"),
    "pitch_range": gettext_lazy("语调的取值超出范围。"),
    "volume_range": gettext_lazy("音量的取值超出范围。"),
    "intensity_range": gettext_lazy("强度的取值超出范围。"),
}
_DETAIL_SHOWN = 120


def ssml_reason(error: SsmlError) -> str:
    """A sentence, with the parser's own words for whoever wrote the program; they may quote what he sent."""
    sentence = str(_REASONS.get(error.code, _("不是合格的 SSML。")))
    detail = "".join(sign if sign.isprintable() else "�" for sign in error.message[:_DETAIL_SHOWN])
    return f"{sentence}（{detail}）"


def placed(ssml: str, position: int, reason: str) -> str:
    """The reason, with the place as an editor shows it."""
    line, column = line_and_column(ssml, position)
    return _("SSML 第 %(line)d 行第 %(column)d 列有误：%(reason)s") % {
        "line": line,
        "column": column,
        "reason": reason,
    }
