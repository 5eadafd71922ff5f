"""What the lexicon's pages share: its rights, one entry by its number, the way back to the list."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from govvoice.portal.pages import Crumb
from synthesis.lexicon.models import Entry

VIEW = "lexicon.view_entry"
ADD = "lexicon.add_entry"
APPROVE = "lexicon.approve_entry"


def find(number: int) -> Entry:
    """Raises Http404."""
    return get_object_or_404(Entry.objects.select_related("supersedes"), pk=number)


def list_crumb() -> Crumb:
    return Crumb(_("读音词典"), reverse("admin:lexicon-list"))
