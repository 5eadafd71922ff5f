"""What the lexicon's pages share: its rights, whose entries one sees, the way back to the list."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Staff
from govvoice.portal.pages import Crumb
from synthesis.lexicon.models import Entry
from synthesis.lexicon.scopes import Scope

VIEW = "lexicon.view_entry"
ADD = "lexicon.add_entry"
APPROVE = "lexicon.approve_entry"


def visible_to(staff: Staff) -> QuerySet[Entry]:
    """Everybody's entries, and of those for one department the own one's."""
    others = Q(scope=Scope.ORGANISATION) & ~Q(scope_key=staff.organisation.code)
    return Entry.objects.exclude(others)


def find(staff: Staff, number: int) -> Entry:
    """Raises Http404, also for another department's."""
    return get_object_or_404(visible_to(staff).select_related("supersedes"), pk=number)


def list_crumb() -> Crumb:
    return Crumb(_("读音词典"), reverse("admin:lexicon-list"))
