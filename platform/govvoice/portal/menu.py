"""The left menu: by task, not by table, and only what one's role may do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff


@dataclass(frozen=True, slots=True)
class Item:
    """One page. Whoever has one of `permissions` sees it; none named means everybody."""

    label: Promise
    icon: str
    route: str
    permissions: tuple[str, ...] = ()
    is_current: bool = False

    @property
    def url(self) -> str:
        return reverse(self.route)

    def is_open_to(self, staff: Staff) -> bool:
        return not self.permissions or any(staff.has_perm(name) for name in self.permissions)


@dataclass(frozen=True, slots=True)
class Group:
    label: Promise | str
    items: tuple[Item, ...]


MENU = (
    Group("", (Item(_("工作台"), "home", "admin:index"),)),
    Group(
        _("播报管理"),
        (
            Item(_("播报列表"), "list", "admin:broadcast-list", ("broadcasts.view_broadcast",)),
            Item(_("新建播报"), "plus", "admin:broadcast-new", ("broadcasts.add_broadcast",)),
            Item(_("待审核"), "stamp", "admin:broadcast-queue", ("broadcasts.approve_broadcast",)),
            Item(_("成品音频"), "sound", "admin:rendition-list", ("synthesis.view_rendition",)),
        ),
    ),
    Group(
        _("语音合成"),
        (
            Item(_("试听台"), "play", "admin:desk", ("synthesis.preview_speech",)),
            Item(_("合成记录"), "history", "admin:synthesis_speech_changelist", ("synthesis.view_speech",)),
        ),
    ),
    Group(
        _("发音资源"),
        (
            Item(_("发音人"), "person", "admin:speaker-list", ("synthesis.view_speaker",)),
            Item(_("音色"), "sliders", "admin:synthesis_voice_changelist", ("synthesis.view_voice",)),
            Item(_("情感"), "face", "admin:synthesis_emotion_changelist", ("synthesis.view_emotion",)),
            Item(_("读音词典"), "book", "admin:lexicon-list", ("lexicon.view_entry",)),
        ),
    ),
    Group(
        _("内容安全"),
        (
            Item(_("播报类别"), "tag", "admin:category-list", ("synthesis.view_category",)),
            Item(_("敏感词库"), "shield", "admin:wordlist-list", ("screening.view_wordlist",)),
            Item(_("待审文本"), "stamp", "admin:review-queue", ("screening.view_reviewitem",)),
            Item(_("命中统计"), "log", "admin:screening-hits", ("screening.view_wordlist",)),
        ),
    ),
    Group(_("接入管理"), (Item(_("接入系统"), "plug", "admin:client-list", ("accounts.view_client",)),)),
    Group(
        _("安全管理"),
        (
            Item(_("账号授权"), "key", "admin:grant-list", ("accounts.grant_role",)),
            Item(
                _("安全策略"), "lock", "admin:policy", ("accounts.propose_policy", "accounts.confirm_policy")
            ),
            Item(_("初始化"), "people", "admin:beginning", ("accounts.bootstrap",)),
        ),
    ),
    Group(
        _("审计"),
        (
            Item(_("审计日志"), "log", "admin:evidence", ("audit.view_event",)),
            Item(_("报表导出"), "download", "admin:evidence-exports", ("audit.export_event",)),
            Item(_("完整性校验"), "shield", "admin:evidence-integrity", ("audit.view_event",)),
            Item(_("归档与保全"), "lock", "admin:evidence-keeping", ("audit.view_event",)),
        ),
    ),
    Group(
        _("系统"),
        (
            Item(_("账号"), "people", "admin:accounts_staff_changelist", ("accounts.view_staff",)),
            Item(
                _("部门"),
                "building",
                "admin:accounts_organisation_changelist",
                ("accounts.view_organisation",),
            ),
        ),
    ),
)


def menu_of(staff: Staff, path: str) -> list[Group]:
    """The groups that hold something for this member of staff, the page at `path` marked."""
    groups = [replace(group, items=tuple(_open(group, staff))) for group in MENU]
    current = _current(groups, path)
    return [replace(group, items=_marked(group, current)) for group in groups if group.items]


def _open(group: Group, staff: Staff) -> Iterator[Item]:
    return (item for item in group.items if item.is_open_to(staff))


def _current(groups: list[Group], path: str) -> str | None:
    """The route that `path` lies deepest under; the start page only when it is meant itself."""
    found = [item for group in groups for item in group.items if path.startswith(item.url)]
    deepest = max(found, key=lambda item: len(item.url), default=None)
    if deepest is None or (deepest.route == "admin:index" and path != deepest.url):
        return None
    return deepest.route


def _marked(group: Group, route: str | None) -> tuple[Item, ...]:
    return tuple(replace(item, is_current=item.route == route) for item in group.items)


def menu_for(request: HttpRequest) -> list[Group]:
    return menu_of(request.user, request.path) if isinstance(request.user, Staff) else []
