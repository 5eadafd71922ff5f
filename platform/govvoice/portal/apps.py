from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class PortalConfig(AdminConfig):
    """Takes the place of `django.contrib.admin`: `admin.register` then means the portal."""

    default_site = "govvoice.portal.site.PortalSite"
