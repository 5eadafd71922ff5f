"""How the admin theme looks. The shell itself is ours: templates/admin/base.html and portal.css."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

SITE_TITLE = _("政务语音平台")

# One blue, dark enough for white letters upon it (7.6 : 1 at 600), and greys that lean towards it.
_PRIMARY = {
    "50": "#f1f6fd",
    "100": "#e1ebfb",
    "200": "#c3d6f5",
    "300": "#98b8ea",
    "400": "#6492db",
    "500": "#3a70c4",
    "600": "#1a4f9c",
    "700": "#143f7d",
    "800": "#123463",
    "900": "#112c51",
    "950": "#0b1b33",
}
_BASE = {
    "50": "#f7f9fb",
    "100": "#eef1f6",
    "200": "#d5dce6",
    "300": "#b6c1d0",
    "400": "#8593a8",
    "500": "#5c6a80",
    "600": "#465265",
    "700": "#2f3d51",
    "800": "#223044",
    "900": "#172130",
    "950": "#0f1620",
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": SITE_TITLE,
    "SITE_HEADER": SITE_TITLE,
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "COLORS": {"base": _BASE, "primary": _PRIMARY},
}
