"""The channels we ship as a start; a customer renames or adds his own."""

from __future__ import annotations

from govvoice.broadcasts.models import Channel

CHANNELS = (("hotline-menu", "热线语音导航"), ("hotline-wait", "排队等候音"), ("hall", "政务大厅广播"))


def load() -> None:
    for position, (code, name) in enumerate(CHANNELS):
        Channel.objects.get_or_create(code=code, defaults={"name": name, "position": position})
