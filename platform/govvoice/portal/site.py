"""The staff portal."""

from __future__ import annotations

from unfold.sites import UnfoldAdminSite


class PortalSite(UnfoldAdminSite):
    pass
