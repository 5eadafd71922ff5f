"""A broadcast's way: written, heard, submitted, decided on by a second person, published, withdrawn.

Every step locks the broadcast, checks, acts and records in one transaction, so that two people pressing at
the same moment cannot both win.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Staff
from accounts.services import staff_actor
from audit.parties import Origin, Target
from audit.services import record
from govvoice.broadcasts.errors import WorkflowError
from govvoice.broadcasts.models import Broadcast, Channel, Revision
from synthesis.categories import GENERAL, require_emotion
from synthesis.clearance import clear, find, refuse_blocked
from synthesis.lexicon.impact import channels_decide
from synthesis.models import Rendition
from synthesis.screening import statistics
from synthesis.screening.verdicts import Level
from synthesis.services import request_rendition, retry_rendition
from synthesis.spec import SpeechSpec

State = Broadcast.State
EDITABLE = (State.DRAFT, State.RETURNED, State.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Content:
    """What an editor writes: the words, how they are said, and where they are heard."""

    title: str
    text: str
    voice: str
    emotion: str = "neutral"
    intensity: float = 1.0
    rate: float = 1.0
    pitch: float = 0.0
    volume: int = 50
    category: str = GENERAL


_LATER = ("submitted_at", "decided_by", "decided_at")  # empty until the workflow comes to them
_SPOKEN = ("text", "voice", "emotion", "intensity", "rate", "pitch", "volume", "category")


@transaction.atomic
def create(
    *, content: Content, channels: Iterable[Channel], staff: Staff, origin: Origin | None
) -> Broadcast:
    """A new draft. Raises ValidationError, CategoryUnknown, EmotionNotInCategory."""
    broadcast = Broadcast(
        code=_next_code(),
        title=content.title,
        organisation=staff.organisation,
        created_by=staff,
        updated_by=str(staff),
    )
    broadcast.full_clean()
    broadcast.save()
    broadcast.channels.set(channels)
    _write(Revision(broadcast=broadcast, number=1), content, staff)
    _record("broadcast.created", broadcast, staff, origin, text=content.text)
    return broadcast


@transaction.atomic
def edit(
    *,
    broadcast: Broadcast,
    content: Content,
    channels: Iterable[Channel],
    staff: Staff,
    origin: Origin | None,
) -> Revision:
    """Changes a broadcast that nobody is deciding on; what was decided before stays, an older revision."""
    broadcast = _lock(broadcast)
    _require(broadcast, EDITABLE, _("现在不能修改：该播报处于“%(state)s”。"))
    revision = broadcast.latest
    if broadcast.state != State.DRAFT or revision.author_id != staff.pk:
        revision = Revision(broadcast=broadcast, number=revision.number + 1)
    broadcast.title = content.title
    broadcast.full_clean()
    broadcast.channels.set(channels)
    _write(revision, content, staff)
    _move(broadcast, State.DRAFT, staff)
    _record("broadcast.edited", broadcast, staff, origin, text=content.text, revision=revision)
    return revision


@transaction.atomic
def recast(*, broadcast: Broadcast, voice: str, staff: Staff, origin: Origin | None) -> None:
    """Another voice speaks the draft; it stays its author's, and its audio has to be made anew."""
    broadcast = _lock(broadcast)
    _require(broadcast, (State.DRAFT,), _("现在不能修改：该播报处于“%(state)s”。"))
    revision = broadcast.latest
    before, revision.voice, revision.rendition = revision.voice, voice, None
    revision.save(update_fields=["voice", "rendition"])
    _move(broadcast, State.DRAFT, staff)
    changed = {"voice": [before, voice]}
    _record("broadcast.edited", broadcast, staff, origin, text=revision.text, revision=revision, **changed)


@transaction.atomic
def make_audio(*, broadcast: Broadcast, staff: Staff, origin: Origin | None) -> Rendition:
    """Queues the finished audio of the newest revision. Raises SpeechError when it cannot be spoken."""
    broadcast = _lock(broadcast)
    _require(broadcast, EDITABLE, _("现在不能重新合成：该播报处于“%(state)s”。"))
    revision = broadcast.latest
    rendition = revision.rendition
    if rendition is not None and rendition.state != Rendition.State.FAILED:
        return rendition  # made, or on its way: asking twice is no second act
    if rendition is not None:
        retry_rendition(rendition)
    else:
        rendition = _request_audio(revision)
    _record("rendition.made", broadcast, staff, origin, text=revision.text, revision=revision)
    return rendition


@transaction.atomic
def speak_anew(*, broadcast: Broadcast, staff: Staff, origin: Origin | None) -> Rendition | None:
    """New audio of the same words, read as the lexicon has them now; None where none may be made.

    A draft gets it at once, and so does a revision in review: whoever decides has to hear it first. Approval
    is bound to the audio that was heard, so for an approved one a new revision is opened, which goes the
    whole way again. What is on air is left as it was approved until it is withdrawn, and what was returned
    or withdrawn gets new audio with its next revision anyway. Raises SpeechError.
    """
    broadcast = _lock(broadcast)
    revision = broadcast.latest
    if broadcast.state == State.APPROVED:
        revision = _copy(revision, staff)
        _move(broadcast, State.DRAFT, staff)
        _record("broadcast.edited", broadcast, staff, origin, text=revision.text, revision=revision)
    elif broadcast.state not in {State.DRAFT, State.IN_REVIEW}:
        return None
    rendition = _request_audio(revision)
    _record("rendition.made", broadcast, staff, origin, text=revision.text, revision=revision)
    return rendition


@transaction.atomic
def submit(*, broadcast: Broadcast, staff: Staff, origin: Origin | None) -> None:
    """Hands the newest revision to review. Its audio must be ready: the reviewer decides on what he hears."""
    broadcast = _lock(broadcast)
    _require(broadcast, (State.DRAFT,), _("只有草稿可以提交，该播报处于“%(state)s”。"))
    revision = broadcast.latest
    _ready_rendition(revision)
    _require_right(revision, staff)
    if not broadcast.channels.exists():
        raise WorkflowError(_("请先选择发布渠道。"), code="channel_required", status=422)
    revision.submitted_at = timezone.now()
    revision.save(update_fields=["submitted_at"])
    _move(broadcast, State.IN_REVIEW, staff)
    _record("broadcast.submitted", broadcast, staff, origin, text=revision.text, revision=revision)


@transaction.atomic
def approve(*, broadcast: Broadcast, sha256: str, staff: Staff, origin: Origin | None) -> None:
    """Approves exactly the audio with this hash, the one the reviewer listened to."""
    broadcast, revision = _decide(broadcast, staff)
    rendition = _ready_rendition(revision)
    if rendition.sha256 != sha256:
        raise WorkflowError(_("成品音频已变化，请重新试听后再审核。"), code="audio_changed")
    _require_right(revision, staff)
    revision.approved_sha256 = rendition.sha256
    revision.save()
    _move(broadcast, State.APPROVED, staff)
    _record("broadcast.approved", broadcast, staff, origin, text=revision.text, revision=revision)


@transaction.atomic
def send_back(*, broadcast: Broadcast, reason: str, staff: Staff, origin: Origin | None) -> None:
    """Returns the revision to its author, who is told why."""
    _require_reason(reason)
    broadcast, revision = _decide(broadcast, staff)
    _return(broadcast, revision, reason, staff, origin)


@transaction.atomic
def take_back(*, broadcast: Broadcast, reason: str, staff: Staff, origin: Origin | None) -> None:
    """Returns an approved broadcast before it is published: its words may have been forbidden meanwhile.

    Who approved which audio stays on the revision; the author's next one goes the whole way again.
    """
    _require_reason(reason)
    broadcast = _lock(broadcast)
    _require(broadcast, (State.APPROVED,), _("只有已批准、尚未发布的播报可以退回，该播报处于“%(state)s”。"))
    _return(broadcast, broadcast.latest, reason, staff, origin)


@transaction.atomic
def publish(*, broadcast: Broadcast, staff: Staff, origin: Origin | None) -> None:
    """Puts the approved revision on air: from now on channels fetch it."""
    broadcast = _lock(broadcast)
    _require(broadcast, (State.APPROVED,), _("只有已批准的播报可以发布，该播报处于“%(state)s”。"))
    revision = broadcast.latest
    rendition = _ready_rendition(revision)
    if rendition.sha256 != revision.approved_sha256:
        raise WorkflowError(_("成品音频与批准时不一致，请退回重审。"), code="audio_changed")
    _require_right(revision, staff)
    broadcast.published_at = timezone.now()
    broadcast.published_revision = revision
    _move(broadcast, State.PUBLISHED, staff)
    _record("broadcast.published", broadcast, staff, origin, text=revision.text, revision=revision)


@transaction.atomic
def withdraw(*, broadcast: Broadcast, staff: Staff, origin: Origin | None) -> None:
    """Takes the broadcast off the air; channels no longer see it at their next question."""
    broadcast = _lock(broadcast)
    _require(broadcast, (State.PUBLISHED,), _("只有播出中的播报可以撤回，该播报处于“%(state)s”。"))
    broadcast.published_revision = None
    broadcast.published_at = None
    _move(broadcast, State.WITHDRAWN, staff)
    _record("broadcast.withdrawn", broadcast, staff, origin, revision=broadcast.latest)


def _require_right(revision: Revision, staff: Staff) -> None:
    """By the lists and the category's rule as they stand now. Raises SpeechError, WorkflowError."""
    require_emotion(revision.category, revision.emotion)
    require_sayable(revision, staff=staff)


def require_sayable(revision: Revision, *, staff: Staff | None = None) -> None:
    """Judges the text by the lists as they stand now. Raises TextBlocked, WorkflowError.

    A word that is to be replaced must have been replaced in the audio. What a person has to decide on is
    decided with the broadcast. Hits are counted for `staff`, who takes the step.
    """
    # The voice may have gone out of service since; what it has spoken stays.
    spec = replace(spec_of(revision), retired=True)
    hits = find(spec)
    if staff is not None:
        statistics.count(hits, staff_actor(staff))
    refuse_blocked(spec, hits)
    masked = any(hit.level is Level.MASK for hit in hits)
    if masked and clear(spec).plan.key != _ready_rendition(revision).plan_key:
        raise WorkflowError(_("敏感词的替换文本已变化，请重新生成成品音频。"), code="audio_outdated")


def spec_of(revision: Revision) -> SpeechSpec:
    """What is asked of the synthesis: the words, how they are said, and whose readings hold where."""
    spoken = {name: getattr(revision, name) for name in _SPOKEN}
    channels = [channel.code for channel in revision.broadcast.channels.all()]
    organisation = revision.broadcast.organisation.code
    return SpeechSpec(**spoken, strict=True, organisation=organisation, channels=channels)


def broadcast_target(broadcast: Broadcast) -> Target:
    return Target(type="broadcast", id=broadcast.code, name=broadcast.title)


# --- inside ----------------------------------------------------------------------------------------------


def _lock(broadcast: Broadcast) -> Broadcast:
    return Broadcast.objects.select_for_update().get(pk=broadcast.pk)


def _require(broadcast: Broadcast, states: Iterable[str], message: str) -> None:
    if broadcast.state not in states:
        raise WorkflowError(message % {"state": broadcast.get_state_display()}, code="state_conflict")


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise WorkflowError(_("请填写退回原因。"), code="reason_required", status=422)


def _return(
    broadcast: Broadcast, revision: Revision, reason: str, staff: Staff, origin: Origin | None
) -> None:
    revision.return_reason = reason.strip()[:300]
    revision.save()
    _move(broadcast, State.RETURNED, staff)
    _record("broadcast.returned", broadcast, staff, origin, revision=revision, reason=revision.return_reason)


def _decide(broadcast: Broadcast, staff: Staff) -> tuple[Broadcast, Revision]:
    broadcast = _lock(broadcast)
    _require(broadcast, (State.IN_REVIEW,), _("该播报不在待审核状态，现为“%(state)s”。"))
    revision = broadcast.latest
    if staff.pk == revision.author_id:
        raise WorkflowError(_("不能审核自己撰写的播报，请由另一位同事审核。"), code="own_work", status=403)
    revision.decided_by = staff
    revision.decided_by_name = str(staff)
    revision.decided_at = timezone.now()
    return broadcast, revision


def _ready_rendition(revision: Revision) -> Rendition:
    rendition = revision.rendition
    if rendition is None or rendition.state != Rendition.State.READY:
        raise WorkflowError(_("成品音频尚未就绪，请先生成并试听。"), code="audio_not_ready")
    return rendition


def _write(revision: Revision, content: Content, staff: Staff) -> None:
    same = revision.pk is not None and content == replace(_content_of(revision), title=content.title)
    if not same or _sounds_otherwise(revision):
        revision.rendition = None  # the sound no longer says what the text says
    for name in _SPOKEN:
        setattr(revision, name, getattr(content, name))
    require_emotion(revision.category, revision.emotion)
    revision.author = staff
    revision.author_name = str(staff)
    revision.full_clean(exclude=["broadcast", "rendition", *_LATER])
    revision.save()


def _content_of(revision: Revision) -> Content:
    spoken = {name: getattr(revision, name) for name in _SPOKEN}
    return Content(title=revision.broadcast.title, **spoken)


def _request_audio(revision: Revision) -> Rendition:
    rendition = revision.rendition = request_rendition(spec=spec_of(revision))
    revision.save(update_fields=["rendition"])
    return rendition


def _sounds_otherwise(revision: Revision) -> bool:
    """Channels may have readings of their own: heard somewhere else, the same words may sound otherwise."""
    if revision.rendition is None:
        return False
    before = set(revision.rendition.spec.get("channels", ()))
    return channels_decide(revision.text, before ^ set(spec_of(revision).channels))


def _copy(revision: Revision, staff: Staff) -> Revision:
    """The next revision, with the same content and an author of its own."""
    copy = Revision(broadcast=revision.broadcast, number=revision.number + 1)
    _write(copy, _content_of(revision), staff)
    return copy


def _move(broadcast: Broadcast, state: str, staff: Staff) -> None:
    broadcast.state = state
    broadcast.updated_at = timezone.now()
    broadcast.updated_by = str(staff)
    broadcast.save()


def _record(
    action: str,
    broadcast: Broadcast,
    staff: Staff,
    origin: Origin | None,
    *,
    text: str | None = None,
    revision: Revision | None = None,
    **more: object,
) -> None:
    details: dict[str, Any] = {"state": broadcast.state, **more}
    if revision is not None:
        details |= {"revision": revision.number, "sha256": revision.approved_sha256}
        details |= {"category": revision.category, "emotion": revision.emotion}
    record(
        action=action,
        actor=staff_actor(staff),
        target=broadcast_target(broadcast),
        origin=origin,
        text=text,
        details=details,
    )


def _next_code() -> str:
    """BC20261121-0007: the day in China and a running number, given to one transaction at a time."""
    day = timezone.localdate().strftime("%Y%m%d")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('broadcast.code'))")
    last = Broadcast.objects.filter(code__startswith=f"BC{day}-").aggregate(last=Max("code"))["last"]
    number = int(last.rsplit("-", 1)[1]) + 1 if last else 1
    return f"BC{day}-{number:04d}"
