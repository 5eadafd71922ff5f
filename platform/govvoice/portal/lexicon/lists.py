"""读音词典: all entries, the newest revision of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import Staff
from govvoice.broadcasts.lexicon_impact import use_counts
from govvoice.portal.broadcasts.wording import Badge
from govvoice.portal.lexicon.forms import ListFilter
from govvoice.portal.lexicon.scope import ADD, VIEW, visible_to
from govvoice.portal.lexicon.wording import Spoken, effective_of, entry_badge, scope_of, spoken_of
from govvoice.portal.pages import page, staff_of, staff_page
from synthesis.lexicon.models import Entry
from synthesis.lexicon.reading import normal_word
from synthesis.lexicon.scopes import Scope

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Row:
    """An entry in the list; `used` counts the broadcasts that say its word."""

    entry: Entry
    badge: Badge
    spoken: Spoken
    scope: str
    effective: str
    used: int


@staff_page(VIEW)
@require_GET
def entry_list(request: HttpRequest) -> HttpResponse:
    chosen = chosen_of(request)
    sheet = Paginator(filtered(staff_of(request), chosen), PAGE_SIZE).get_page(request.GET.get("page"))
    return page(
        request,
        "portal/lexicon/list.html",
        title=_("读音词典"),
        rows=_rows(list(sheet)),
        sheet=sheet,
        chosen=chosen,
        is_filtered=any(chosen.values()),
        states=[(state.value, entry_badge(state)) for state in Entry.State],
        scopes=Scope.choices,
        may_propose=staff_of(request).has_perm(ADD),
    )


def filtered(staff: Staff, chosen: dict[str, Any]) -> QuerySet[Entry]:
    """The newest first. Without a state to look for, a revision that has a successor in force is history."""
    newer = Entry.objects.filter(supersedes=OuterRef("pk"), state=Entry.State.ACTIVE)
    narrowed = Q(state=chosen["state"]) if chosen.get("state") else ~Q(Exists(newer))
    entries = visible_to(staff).filter(narrowed).order_by("-created_at", "-pk")
    if chosen.get("scope"):
        entries = entries.filter(scope=chosen["scope"])
    if words := chosen.get("q"):
        told = Q(word__icontains=words) | Q(folded__icontains=normal_word(words))
        said = Q(reading__icontains=words) | Q(replacement__icontains=words)
        entries = entries.filter(told | said | Q(note__icontains=words))
    return entries


def _rows(entries: list[Entry]) -> list[Row]:
    used = use_counts(entries)
    return [_row(entry, used[entry.pk]) for entry in entries]


def _row(entry: Entry, used: int) -> Row:
    return Row(
        entry=entry,
        badge=entry_badge(entry.state),
        spoken=spoken_of(entry.reading, entry.replacement),
        scope=scope_of(entry),
        effective=effective_of(entry),
        used=used,
    )


def chosen_of(request: HttpRequest) -> dict[str, Any]:
    form = ListFilter(request.GET)
    form.is_valid()
    return {name: form.cleaned_data.get(name) for name in form.fields}
