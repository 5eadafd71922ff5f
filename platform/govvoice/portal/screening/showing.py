"""One version of a list: what it says, what it changes, and the buttons of whoever must act next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import Staff
from audit.models import Event
from govvoice.portal.broadcasts.timeline import moments_of
from govvoice.portal.broadcasts.wording import Badge
from govvoice.portal.pages import page, staff_of, staff_page
from govvoice.portal.screening.forms import AllowedForm, RuleForm, WordsForm
from govvoice.portal.screening.scope import (
    APPROVE,
    CHANGE,
    VIEW,
    find_list,
    find_version,
    lists_crumb,
    main_version,
    version_url,
)
from govvoice.portal.screening.wording import (
    category_name,
    changes,
    effective_of,
    level_badge,
    option_words,
    rule_name,
    scope_of,
    version_badge,
)
from govvoice.problems import Problem
from synthesis.screening import lists, vault
from synthesis.screening.documents import Difference, Document, Pattern, Word, form_of
from synthesis.screening.models import ListVersion

State = ListVersion.State
PAGE_SIZE = 50
DIFFERENCE_SHOWN = 100


@dataclass(frozen=True, slots=True)
class WordRow:
    """A word as the table shows it; `note` joins reason and basis."""

    word: Word
    level: Badge
    note: str
    days: str


@dataclass(frozen=True, slots=True)
class RuleRow:
    key: str
    name: str
    level: Badge
    reason: str


@staff_page(VIEW)
@require_GET
def word_list(request: HttpRequest, number: int) -> HttpResponse:
    return redirect(version_url(main_version(find_list(number))))


@staff_page(VIEW)
@require_GET
def version(request: HttpRequest, number: int, version: int) -> HttpResponse:
    return show(request, find_version(number, version))


def show(
    request: HttpRequest,
    version: ListVersion,
    *,
    problem: Problem | None = None,
    words_form: WordsForm | None = None,
    allowed_form: AllowedForm | None = None,
    rule_form: RuleForm | None = None,
) -> HttpResponse:
    """The version's page; after a refused step with what was typed and why."""
    document = vault.take(version)
    events = Event.objects.filter(object_type="wordlist", object_id=str(version.word_list_id))
    wrong = problem or any(form is not None and form.errors for form in (words_form, allowed_form, rule_form))
    return page(
        request,
        "portal/screening/version.html",
        title=version.name,
        trail=[lists_crumb()],
        status=problem.status if problem else 422 if wrong else 200,
        list_version=version,
        badge=version_badge(version),
        level=level_badge(version.level),
        category=category_name(version.category),
        scope=scope_of(version),
        effective=effective_of(version),
        options=option_words(version.options),
        sheet=_words(request, version, document),
        wanted=request.GET.get("q", ""),
        allowed=document.allowed,
        rules=[_rule(version, rule) for rule in document.rules],
        problem=problem,
        reason=request.POST.get("reason", ""),
        words_form=words_form or WordsForm(),
        allowed_form=allowed_form or AllowedForm(initial={"allowed": "\n".join(document.allowed)}),
        rule_form=rule_form or RuleForm(),
        timeline=moments_of(events),
        **_history(version),
        **_difference(version),
        **_rights(version, staff_of(request)),
    )


def _words(request: HttpRequest, version: ListVersion, document: Document) -> Page[WordRow]:
    wanted = form_of(request.GET.get("q", ""))
    found = [word for word in document.words if wanted in form_of(word.text)] if wanted else document.words
    sheet: Any = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    sheet.object_list = [_word(version, word) for word in sheet.object_list]
    return sheet  # type: ignore[no-any-return]


def _word(version: ListVersion, word: Word) -> WordRow:
    note = " · ".join(told for told in (word.reason, word.basis) if told)
    return WordRow(word, level_badge(word.level or version.level), note, _days(word.since, word.until))


def _days(since: date | None, until: date | None) -> str:
    if since and until:
        return _("%(since)s 至 %(until)s") % {"since": since, "until": until}
    if since:
        return _("%(since)s 起") % {"since": since}
    return _("至 %(until)s") % {"until": until} if until else ""


def _rule(version: ListVersion, rule: Pattern) -> RuleRow:
    return RuleRow(rule.key, rule_name(rule), level_badge(rule.level or version.level), rule.reason)


def _history(version: ListVersion) -> dict[str, Any]:
    versions = version.word_list.versions.defer("content")
    told = [(one, version_badge(one), version_url(one)) for one in versions]
    under_way = next((one for one in versions if one.state in lists.OPEN), None)
    return {"history": told, "under_way": under_way, "in_force": version.word_list.in_force}


def _difference(version: ListVersion) -> dict[str, Any]:
    """What the version changes, cut to what a page can hold."""
    difference = lists.difference(version)
    return {
        "before": lists.before(version),
        "settings_changed": changes(lists.changed_settings(version)),
        "difference": difference,
        "added": [_word(version, word) for word in difference.added[:DIFFERENCE_SHOWN]],
        "removed": [_word(version, word) for word in difference.removed[:DIFFERENCE_SHOWN]],
        "changed": [
            (_word(version, old), _word(version, new)) for old, new in difference.changed[:DIFFERENCE_SHOWN]
        ],
        "rules_added": [_rule(version, rule) for rule in difference.rules_added],
        "rules_removed": [_rule(version, rule) for rule in difference.rules_removed],
        "shown": DIFFERENCE_SHOWN,
        "is_empty": _is_empty(version, difference),
    }


def _is_empty(version: ListVersion, difference: Difference) -> bool:
    return difference.is_empty and not lists.changed_settings(version)


def _rights(version: ListVersion, staff: Staff) -> dict[str, bool]:
    """Which buttons stand on the page."""
    may_change, may_approve = staff.has_perm(CHANGE), staff.has_perm(APPROVE)
    waits, own = version.state == State.PENDING, staff.pk in version.writers
    open_one = version.word_list.versions.filter(state__in=lists.OPEN).exists()
    return {
        "is_draft": version.state == State.DRAFT,
        "may_write": may_change and version.state == State.DRAFT,
        "may_open": may_change and not open_one and version.state in {State.ACTIVE, State.REFUSED},
        "may_restore": may_change and not open_one and version.state == State.RETIRED,
        "may_discard": may_change and version.state in lists.OPEN,
        "may_decide": may_approve and waits and not own,
        "is_own": waits and own,
    }
