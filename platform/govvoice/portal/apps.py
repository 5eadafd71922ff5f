from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class PortalSiteConfig(AdminConfig):
    """Takes the place of `django.contrib.admin`: `admin.register` then means the portal."""

    default_site = "govvoice.portal.site.PortalSite"


class PortalConfig(AppConfig):
    """Our own pages: their templates' tags and static files."""

    name = "govvoice.portal"
    label = "portal"
    verbose_name = _("工作门户")

    def ready(self) -> None:
        from audit.actions import register

        register("portal.refused", _("拒绝访问页面"))
        register("auth.throttled", _("登录过于频繁"))
