"""Which broadcasts a member of staff can see: those of the own department."""

from __future__ import annotations

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Staff
from govvoice.broadcasts.models import Broadcast, Revision
from govvoice.portal.pages import Crumb


def visible_to(staff: Staff) -> QuerySet[Broadcast]:
    return Broadcast.objects.filter(organisation=staff.organisation)


def find(staff: Staff, code: str) -> Broadcast:
    """The broadcast of that code. Raises Http404, also for one of another department."""
    broadcast = visible_to(staff).filter(code=code).prefetch_related("channels").first()
    if broadcast is None:
        raise Http404
    return broadcast


def newest_revisions() -> QuerySet[Revision]:
    """Of each broadcast the revision that counts now, with its sound."""
    newest = Revision.objects.filter(broadcast=OuterRef("broadcast")).order_by("-number")
    return Revision.objects.filter(pk=Subquery(newest.values("pk")[:1])).select_related("rendition")


def list_crumb() -> Crumb:
    """The way back to the list, above every page of one broadcast."""
    return Crumb(_("播报列表"), reverse("admin:broadcast-list"))
