"""What the pages say of a speaker's state, speed and licence."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from synthesis.licences import IN_DOUBT, is_cleared
from synthesis.models import Voice


@dataclass(frozen=True, slots=True)
class Badge:
    word: Promise
    colour: str
    icon: str


ON = Badge(_("启用"), "green", "done")
OFF = Badge(_("已停用"), "grey", "ban")
CLEARED = Badge(_("授权已核实"), "green", "shield")
OWN = Badge(_("自备模型"), "blue", "shield")
IN_QUESTION = Badge(_("授权未核实"), "amber", "warning")

_SPEEDS = {
    Voice.SpeedClass.LIVE: _("说得快：一两句话一秒之内即可开口，适合电话应答，也适合播报。"),
    Voice.SpeedClass.BROADCAST: _("说得慢：合成用时接近音频时长，适合播报等可以等待的内容，不适合实时通话。"),
}


def speed_words(voice: Voice) -> str:
    return str(_SPEEDS[Voice.SpeedClass(voice.speed_class)])


def licence_badge(voice: Voice) -> Badge:
    if voice.licence_cleared_at is not None:
        return CLEARED
    return OWN if is_cleared(voice) else IN_QUESTION


def licence_words(voice: Voice) -> str:
    """What the badge means for whoever wants to use the voice."""
    if voice.licence_cleared_at is not None:
        return str(_("本单位已核实授权，可以正式使用。"))
    if voice.engine in IN_DOUBT:
        return str(_("仅供试用。正式使用前，请核实授权并在此登记依据。"))
    return str(_("模型由本单位自行安装，请确认使用符合其许可。"))
