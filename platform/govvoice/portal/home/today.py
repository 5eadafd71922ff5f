"""What stands on the start page: figures of today, each for those whose work it is, each leading on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import policy
from accounts.models import ApiKey, Client, Staff
from accounts.staffing import NO_ROLE
from audit.models import Event, Leaf
from govvoice.broadcasts.models import Broadcast
from govvoice.portal.broadcasts.scope import visible_to
from govvoice.portal.screening.scope import held_for
from synthesis.lexicon.models import Entry
from synthesis.models import Speech, Voice
from synthesis.screening.models import ListVersion, ReviewItem

State = Broadcast.State
KEY_NOTICE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure. `colour` is one of the tags' colours and says whether it wants attention."""

    label: str
    value: int
    unit: str
    url: str
    icon: str
    note: str = ""
    colour: str = "grey"


def midnight() -> datetime:
    """When today began in China."""
    return timezone.make_aware(datetime.combine(timezone.localdate(), time.min))


def waiting(staff: Staff) -> list[Tile]:
    """What waits for this member of staff to act."""
    return _tiles(staff, _WAITING)


def waiting_count(staff: Staff) -> int:
    """How many things somebody else or the clock has put before this person; drafts press nobody."""
    return sum(maker(staff).value for maker in _PRESSING if staff.has_perm(_WAITING[maker]))


def figures(staff: Staff) -> list[Tile]:
    """What has happened today, as far as the role may see it."""
    return _tiles(staff, _FIGURES)


def on_air(staff: Staff) -> QuerySet[Broadcast]:
    """What the own department has on air now, newest first."""
    found = visible_to(staff).filter(state=State.PUBLISHED).select_related("published_revision__rendition")
    return found.prefetch_related("channels").order_by("-published_at")


_Maker = Callable[[Staff], Tile]


def _tiles(staff: Staff, makers: dict[_Maker, str]) -> list[Tile]:
    return [maker(staff) for maker, permission in makers.items() if staff.has_perm(permission)]


def _broadcasts(state: str) -> str:
    return f"{reverse('admin:broadcast-list')}?state={state}"


def _attention(count: int) -> str:
    return "amber" if count else "grey"


def _to_review(staff: Staff) -> Tile:
    newest = visible_to(staff).filter(state=State.IN_REVIEW).exclude(created_by=staff).count()
    return Tile(
        label=_("待我审核"),
        value=newest,
        unit=_("条"),
        url=reverse("admin:broadcast-queue"),
        icon="stamp",
        note=_("试听全文后通过或退回"),
        colour=_attention(newest),
    )


def _entries_to_decide(staff: Staff) -> Tile:
    count = Entry.objects.filter(state=Entry.State.PENDING).exclude(author_id=staff.pk).count()
    return Tile(
        label=_("待我审批的词条"),
        value=count,
        unit=_("条"),
        url=f"{reverse('admin:lexicon-list')}?state={Entry.State.PENDING}",
        icon="book",
        note=_("试听后批准，全平台按此朗读"),
        colour=_attention(count),
    )


def _to_publish(staff: Staff) -> Tile:
    count = visible_to(staff).filter(state=State.APPROVED).count()
    return Tile(
        label=_("待发布"),
        value=count,
        unit=_("条"),
        url=_broadcasts(State.APPROVED),
        icon="air",
        note=_("已批准，发布后渠道即可播出"),
        colour="blue" if count else "grey",
    )


def _returned(staff: Staff) -> Tile:
    count = visible_to(staff).filter(state=State.RETURNED, created_by=staff).count()
    return Tile(
        label=_("退回我修改"),
        value=count,
        unit=_("条"),
        url=_broadcasts(State.RETURNED),
        icon="return",
        note=_("按退回原因修改后重新提交"),
        colour="orange" if count else "grey",
    )


def _drafts(staff: Staff) -> Tile:
    return Tile(
        label=_("我的草稿"),
        value=visible_to(staff).filter(state=State.DRAFT, created_by=staff).count(),
        unit=_("条"),
        url=_broadcasts(State.DRAFT),
        icon="edit",
        note=_("尚未提交审核"),
    )


def _expiring_keys(staff: Staff) -> Tile:
    now = timezone.now()
    count = ApiKey.objects.filter(
        revoked_at=None, expires_at__gt=now, expires_at__lt=now + KEY_NOTICE, client__is_active=True
    ).count()
    return Tile(
        label=_("即将到期的密钥"),
        value=count,
        unit=_("个"),
        url=reverse("admin:client-list"),
        icon="key",
        note=_("30 天内到期，请提前签发新密钥"),
        colour=_attention(count),
    )


def _ungranted(staff: Staff) -> Tile:
    count = Staff.objects.filter(is_active=True, role__code=NO_ROLE).count()
    return Tile(
        label=_("待授权的账号"),
        value=count,
        unit=_("个"),
        url=reverse("admin:grant-list"),
        icon="people",
        note=_("授予角色后才能使用"),
        colour=_attention(count),
    )


def _policy_to_confirm(staff: Staff) -> Tile:
    waiting = policy.pending()
    count = int(waiting is not None and waiting.proposed_by_id != staff.pk)
    return Tile(
        label=_("待确认的安全策略"),
        value=count,
        unit=_("项"),
        url=reverse("admin:policy"),
        icon="lock",
        note=_("由另一人提出，确认后生效"),
        colour=_attention(count),
    )


def _clients_without_network(staff: Staff) -> Tile:
    count = Client.objects.filter(is_active=True, networks=None).count()
    return Tile(
        label=_("未设网段的接入系统"),
        value=count,
        unit=_("个"),
        url=reverse("admin:client-list"),
        icon="network",
        note=_("未设 IP 白名单的系统不能调用接口"),
        colour=_attention(count),
    )


def _calls(staff: Staff) -> Tile:
    today = Speech.objects.filter(created_at__gte=midnight(), caller_kind="client")
    sums = today.aggregate(calls=Count("pk"), characters=Sum("characters", default=0))
    return Tile(
        label=_("今日接口调用"),
        value=sums["calls"],
        unit=_("次"),
        url=reverse("admin:client-list"),
        icon="plug",
        note=_("合成 %(characters)s 字") % {"characters": f"{sums['characters']:,}"},
    )


def _previews(staff: Staff) -> Tile:
    today = Speech.objects.filter(created_at__gte=midnight(), caller_kind="staff", caller_id=str(staff.pk))
    return Tile(
        label=_("今日试听"), value=today.count(), unit=_("次"), url=reverse("admin:desk"), icon="play"
    )


def _on_air(staff: Staff) -> Tile:
    return Tile(
        label=_("播出中"),
        value=visible_to(staff).filter(state=State.PUBLISHED).count(),
        unit=_("条"),
        url=_broadcasts(State.PUBLISHED),
        icon="air",
        note=_("渠道正在使用的播报"),
        colour="green",
    )


def _events(staff: Staff) -> Tile:
    return Tile(
        label=_("今日审计记录"),
        value=Event.objects.filter(at__gte=midnight()).count(),
        unit=_("条"),
        url=_evidence(),
        icon="log",
    )


def _refusals(staff: Staff) -> Tile:
    count = Event.objects.filter(at__gte=midnight(), outcome=Event.Outcome.REFUSED).count()
    return Tile(
        label=_("今日被拒绝"),
        value=count,
        unit=_("次"),
        url=_evidence(outcome="refused"),
        icon="ban",
        note=_("接口拒绝、越权访问、登录失败"),
        colour=_attention(count),
    )


def _failed_logins(staff: Staff) -> Tile:
    count = Event.objects.filter(at__gte=midnight(), action="auth.failed").count()
    return Tile(
        label=_("今日登录失败"),
        value=count,
        unit=_("次"),
        url=_evidence(action="auth.failed"),
        icon="lock",
        colour=_attention(count),
    )


def _unsealed(staff: Staff) -> Tile:
    sealed = Exists(Leaf.objects.filter(event_id=OuterRef("id")))
    count = Event.objects.filter(~sealed, at__gte=midnight()).count()
    return Tile(
        label=_("待封存"),
        value=count,
        unit=_("条"),
        url=_evidence(),
        icon="shield",
        note=_("新记录通常在数秒内封存"),
    )


def _evidence(**terms: str) -> str:
    today = timezone.localdate().isoformat()
    return reverse("admin:evidence", query={"since": today, **terms})


def _accounts(staff: Staff) -> Tile:
    counts = Staff.objects.aggregate(all=Count("pk"), closed=Count("pk", filter=Q(is_active=False)))
    return Tile(
        label=_("账号"),
        value=counts["all"],
        unit=_("个"),
        url=reverse("admin:accounts_staff_changelist"),
        icon="people",
        note=_("其中停用 %(count)d 个") % {"count": counts["closed"]},
    )


def _voices(staff: Staff) -> Tile:
    return Tile(
        label=_("可用音色"),
        value=Voice.objects.filter(is_active=True, speaker__is_active=True).count(),
        unit=_("个"),
        url=reverse("admin:speaker-list"),
        icon="sliders",
    )


def _terms(staff: Staff) -> Tile:
    in_force = ListVersion.objects.filter(state=ListVersion.State.ACTIVE, is_enabled=True)
    return Tile(
        label=_("启用的敏感词"),
        value=in_force.aggregate(words=Sum("word_count"))["words"] or 0,
        unit=_("个"),
        url=reverse("admin:wordlist-list"),
        icon="shield",
        note=_("在 %(count)d 个词库中") % {"count": in_force.count()},
    )


def _held_texts(staff: Staff) -> Tile:
    count = held_for(staff).filter(state=ReviewItem.State.WAITING).count()
    return Tile(
        label=_("待审文本"),
        value=count,
        unit=_("条"),
        url=reverse("admin:review-queue"),
        icon="shield",
        note=_("接入系统在等您放行或拒绝"),
        colour=_attention(count),
    )


def _lists_to_decide(staff: Staff) -> Tile:
    pending = ListVersion.objects.filter(state=ListVersion.State.PENDING)
    count = pending.exclude(writers__contains=[staff.pk]).count()
    return Tile(
        label=_("待我审批的词库"),
        value=count,
        unit=_("个"),
        url=reverse("admin:wordlist-list"),
        icon="shield",
        note=_("看过差异与试运行后批准"),
        colour=_attention(count),
    )


_WAITING: dict[_Maker, str] = {
    _to_review: "broadcasts.approve_broadcast",
    _entries_to_decide: "lexicon.approve_entry",
    _held_texts: "screening.decide_reviewitem",
    _lists_to_decide: "screening.approve_wordlist",
    _to_publish: "broadcasts.publish_broadcast",
    _returned: "broadcasts.change_broadcast",
    _drafts: "broadcasts.change_broadcast",
    _expiring_keys: "accounts.change_apikey",
    _clients_without_network: "accounts.change_client",
    _ungranted: "accounts.grant_role",
    _policy_to_confirm: "accounts.confirm_policy",
    _refusals: "audit.view_event",
    _failed_logins: "audit.view_event",
}
_PRESSING = (
    _to_review, _entries_to_decide, _held_texts, _lists_to_decide, _to_publish, _returned, _expiring_keys,
    _clients_without_network, _ungranted, _policy_to_confirm,
)  # fmt: skip
_FIGURES: dict[_Maker, str] = {
    _on_air: "broadcasts.view_broadcast",
    _previews: "synthesis.preview_speech",
    _calls: "accounts.view_client",
    _terms: "screening.view_wordlist",
    _events: "audit.view_event",
    _unsealed: "audit.view_event",
    _accounts: "accounts.view_staff",
    _voices: "synthesis.change_voice",
}
