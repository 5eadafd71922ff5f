"""What the pages of 内容安全 share: their rights, one list or held text by its number, the way back."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Staff
from govvoice.portal.pages import Crumb
from synthesis.screening.models import ListVersion, ReviewItem, WordList

VIEW = "screening.view_wordlist"
CHANGE = "screening.change_wordlist"
APPROVE = "screening.approve_wordlist"
VIEW_HELD = "screening.view_reviewitem"
DECIDE = "screening.decide_reviewitem"


def find_list(number: int) -> WordList:
    """Raises Http404."""
    return get_object_or_404(WordList, pk=number)


def find_version(number: int, version: int) -> ListVersion:
    """Raises Http404."""
    versions = ListVersion.objects.select_related("word_list")
    return get_object_or_404(versions, word_list=number, number=version)


def main_version(word_list: WordList) -> ListVersion:
    """The one that the list's page shows: what is in force, else the newest."""
    return word_list.in_force or word_list.newest


def held_for(staff: Staff) -> QuerySet[ReviewItem]:
    """The texts that the own department's callers wait for."""
    return ReviewItem.objects.filter(organisation=staff.organisation.code)


def find_held(staff: Staff, code: str) -> ReviewItem:
    """Raises Http404, also for one of another department."""
    item = held_for(staff).filter(code=code).first()
    if item is None:
        raise Http404
    return item


def version_url(version: ListVersion) -> str:
    return reverse("admin:wordlist-version", args=[version.word_list_id, version.number])


def lists_crumb() -> Crumb:
    return Crumb(_("敏感词库"), reverse("admin:wordlist-list"))


def version_crumb(version: ListVersion) -> Crumb:
    words = {"name": version.name, "number": version.number}
    return Crumb(_("%(name)s 第 %(number)d 版") % words, version_url(version))


def queue_crumb() -> Crumb:
    return Crumb(_("待审文本"), reverse("admin:review-queue"))
