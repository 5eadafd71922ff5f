"""接下来: where a broadcast stands on its way to the air, and who must act next."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Staff
from govvoice.broadcasts.models import Broadcast, Revision
from synthesis.models import Rendition

State = Broadcast.State
_NAMES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Step:
    """`standing` is done, now or later."""

    name: str
    detail: str
    standing: str


def way_of(broadcast: Broadcast | None, revision: Revision | None, staff: Staff) -> list[Step]:
    """The five steps; `broadcast` is None while it has not been saved yet."""
    author = revision.author if revision else staff
    now = _place(broadcast, revision)
    steps = (
        (_("撰写内容"), _write_detail(broadcast, revision)),
        (_("生成成品音频"), _("由平台合成，通常几秒钟；完成后请完整听一遍。")),
        (_("提交审核"), _("由%(name)s提交，提交后不能再修改。") % {"name": author}),
        (_("审核"), _review_detail(author, revision if now > 3 else None)),
        (_("发布"), _publish_detail(broadcast, staff)),
    )
    return [
        Step(name, detail, "done" if place < now else "now" if place == now else "later")
        for place, (name, detail) in enumerate(steps)
    ]


def _place(broadcast: Broadcast | None, revision: Revision | None) -> int:
    if broadcast is None or revision is None:
        return 0
    after_writing = {State.IN_REVIEW: 3, State.APPROVED: 4, State.PUBLISHED: 5}
    if broadcast.state in after_writing:
        return after_writing[State(broadcast.state)]
    if broadcast.state in {State.RETURNED, State.WITHDRAWN}:
        return 0
    ready = revision.rendition is not None and revision.rendition.state == Rendition.State.READY
    return 2 if ready else 1


def _write_detail(broadcast: Broadcast | None, revision: Revision | None) -> str:
    if broadcast is not None and broadcast.state == State.RETURNED and revision is not None:
        return _("%(name)s退回：%(reason)s") % {
            "name": broadcast.updated_by,  # whoever approved it need not be who took it back
            "reason": revision.return_reason,
        }
    if broadcast is not None and broadcast.state == State.WITHDRAWN:
        return _("播报已撤回；修改后可重新提交审核。")
    return _("填写标题、内容、声音和发布范围，随时可以保存草稿。")


def _review_detail(author: Staff, revision: Revision | None) -> str:
    if revision is not None and revision.approved_sha256:
        return _("%(name)s已批准。") % {"name": revision.decided_by_name}
    names = _holders("broadcasts.approve_broadcast", author, but=author)
    if not names:
        return _("本部门还没有其他人可以审核，请联系系统管理员。")
    return _("由%(names)s完整听完后决定；撰稿人不能审核自己的播报。") % {"names": names}


def _publish_detail(broadcast: Broadcast | None, staff: Staff) -> str:
    if broadcast is not None and broadcast.state == State.PUBLISHED:
        return _("正在播出，渠道可以获取。")
    names = _holders("broadcasts.publish_broadcast", staff)
    return _("批准后由%(names)s发布，渠道随即可以获取。") % {"names": names or _("有发布权限的同事")}


def _holders(permission: str, staff: Staff, *, but: Staff | None = None) -> str:
    """Names of colleagues who may do it, a few of them."""
    colleagues = Staff.objects.filter(
        organisation=staff.organisation_id, is_active=True, role__permissions__contains=[permission]
    )
    if but is not None:
        colleagues = colleagues.exclude(pk=but.pk)
    names = [str(colleague) for colleague in colleagues[: _NAMES_SHOWN + 1]]
    more = _("等") if len(names) > _NAMES_SHOWN else ""
    return "、".join(names[:_NAMES_SHOWN]) + more
