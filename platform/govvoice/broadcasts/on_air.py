"""What channels may fetch: published broadcasts, and exactly the audio that was approved."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from audit.parties import Actor, Origin
from audit.services import record
from govvoice.broadcasts.errors import WorkflowError
from govvoice.broadcasts.models import Broadcast, Channel
from govvoice.broadcasts.services import broadcast_target, require_sayable
from synthesis.errors import TextBlocked
from synthesis.models import Rendition
from synthesis.renditions import open_audio

log = logging.getLogger(__name__)


def published(*, channels: Sequence[str] = ()) -> QuerySet[Broadcast]:
    """The broadcasts on air, newest first; `channels` are the codes of those whose alone are asked for."""
    found = Broadcast.objects.filter(state=Broadcast.State.PUBLISHED)
    if channels:
        heard = Channel.objects.filter(code__in=channels, is_active=True, broadcasts=OuterRef("pk"))
        found = found.filter(Exists(heard))
    return (
        found.select_related("organisation", "published_revision__rendition")
        .prefetch_related("channels")
        .order_by("-published_at", "-pk")
    )


def approved_rendition(broadcast: Broadcast) -> Rendition:
    """The audio that the broadcast on air was approved with. Raises WorkflowError when it is another now."""
    revision = broadcast.published_revision
    rendition = revision.rendition if revision else None
    if revision is None or rendition is None or rendition.sha256 != revision.approved_sha256:
        raise _damaged()
    return rendition


def fetch_audio(*, broadcast: Broadcast, status: int, actor: Actor, origin: Origin) -> bytes:
    """The bytes, checked against their hash, and the line that says who was given them (`status`: 200, 206).

    Raises WorkflowError when the store no longer holds them as they were approved.
    """
    rendition = approved_rendition(broadcast)
    with transaction.atomic():
        note_fetch(broadcast=broadcast, rendition=rendition, status=status, actor=actor, origin=origin)
        try:
            return open_audio(rendition)
        except (OSError, ValueError) as error:
            raise _damaged() from error


@transaction.atomic
def note_fetch(
    *, broadcast: Broadcast, rendition: Rendition, status: int, actor: Actor, origin: Origin
) -> None:
    """Records that the channel has the audio, also when it had it already (304).

    Raises WorkflowError when a word of it has been forbidden since it was published.
    """
    _require_sayable(broadcast)
    record(
        action="broadcast.fetched",
        actor=actor,
        target=broadcast_target(broadcast),
        origin=origin,
        status=status,
        details={"sha256": rendition.sha256},
    )


def _require_sayable(broadcast: Broadcast) -> None:
    """Lists change while a broadcast is on air: what may not be said any more is given to nobody."""
    revision = broadcast.published_revision or broadcast.latest
    try:
        require_sayable(revision)
    except (TextBlocked, WorkflowError) as error:
        log.warning("%s is on air and may not be said any more", broadcast.code)
        message = _("该播报含有现已禁播的内容，已停止提供，请在门户中撤回。")
        raise WorkflowError(message, code="broadcast_blocked") from error


def _damaged() -> WorkflowError:
    return WorkflowError(_("成品音频缺失或已损坏，不能播出。"), code="audio_damaged", status=503)
