"""What changes word lists: every step checks, acts and records in one transaction.

A change is written into a draft, tried, submitted, and decided on by somebody who wrote none of it. What was
in force before stays readable and can be brought back, which is a change like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Staff
from accounts.services import staff_actor
from audit.parties import Origin, Target
from audit.services import record
from synthesis.screening import current, vault
from synthesis.screening.checking import check_allowed, check_options, check_rule, check_word
from synthesis.screening.documents import Difference, Document, Pattern, Word, compare
from synthesis.screening.errors import ListRefused, OwnList
from synthesis.screening.models import ListVersion, WordList

SETTINGS = (
    "name",
    "category",
    "level",
    "scope",
    "scope_key",
    "reason",
    "basis",
    "effective_from",
    "effective_to",
    "is_enabled",
    "options",
)
MAX_WORDS = 200_000
_TOLD = 20  # words named in one line of evidence; the version itself holds all of them
State = ListVersion.State
OPEN = (State.DRAFT, State.PENDING)


@transaction.atomic
def create(
    *, fields: Mapping[str, Any], confidential: bool = False, staff: Staff, origin: Origin | None
) -> ListVersion:
    """A new list, as an empty draft. Raises ValidationError."""
    word_list = WordList.objects.create(is_confidential=confidential)
    draft = ListVersion(word_list=word_list)
    vault.put(draft, Document())
    _write(draft, fields, staff)
    _record("wordlist.created", draft, staff, origin, confidential=confidential)
    return draft


@transaction.atomic
def open_draft(*, word_list: WordList, staff: Staff, origin: Origin | None) -> ListVersion:
    """The draft of the list's next version: the one under way, or a copy of what counts now.

    Raises ListRefused while a version waits for its decision.
    """
    lock()
    under_way = word_list.versions.filter(state__in=OPEN).first()
    if under_way is not None:
        _require(under_way, (State.DRAFT,))
        return under_way
    draft = _copy(word_list.in_force or word_list.newest, staff)
    _record("wordlist.drafted", draft, staff, origin)
    return draft


@transaction.atomic
def restore(*, version: ListVersion, staff: Staff, origin: Origin | None) -> ListVersion:
    """A draft that says what this older version said. Raises ListRefused while another is under way."""
    lock()
    if version.word_list.versions.filter(state__in=OPEN).exists():
        raise ListRefused(_("该词库已有未完成的版本，请先处理它。"), code="wordlist_under_way")
    draft = _copy(version, staff, restores=version.number)
    _record("wordlist.restored", draft, staff, origin, restores=version.number)
    return draft


@transaction.atomic
def write_settings(
    *, version: ListVersion, fields: Mapping[str, Any], staff: Staff, origin: Origin | None
) -> None:
    """Changes what the list is called, where and when it holds, and how. Raises ValidationError."""
    version = _open(version)
    before = {name: getattr(version, name) for name in SETTINGS}
    _write(version, fields, staff)
    changed = {
        name: [str(before[name]), str(getattr(version, name))]
        for name in SETTINGS
        if before[name] != getattr(version, name)
    }
    _record("wordlist.changed", version, staff, origin, changed=changed)


def put_words(
    *, version: ListVersion, words: Collection[Word], staff: Staff, origin: Origin | None
) -> Difference:
    """Adds words to a draft; one that is there already is replaced. Raises ValidationError."""
    for word in words:
        check_word(word)
    return change(version=version, to=lambda held: held.with_words(words), staff=staff, origin=origin)


def drop_words(
    *, version: ListVersion, texts: Collection[str], staff: Staff, origin: Origin | None
) -> Difference:
    return change(version=version, to=lambda held: held.without_words(texts), staff=staff, origin=origin)


def set_allowed(
    *, version: ListVersion, texts: Collection[str], staff: Staff, origin: Origin | None
) -> Difference:
    """Makes the allowances be these. Raises ValidationError."""
    for text in texts:
        check_allowed(text)
    return change(version=version, to=lambda held: held.with_allowed(texts), staff=staff, origin=origin)


def put_rule(*, version: ListVersion, rule: Pattern, staff: Staff, origin: Origin | None) -> Difference:
    """Adds a rule to a draft. Raises ValidationError."""
    check_rule(rule)
    return change(version=version, to=lambda held: held.with_rule(rule), staff=staff, origin=origin)


def drop_rule(*, version: ListVersion, key: str, staff: Staff, origin: Origin | None) -> Difference:
    return change(version=version, to=lambda held: held.without_rule(key), staff=staff, origin=origin)


@transaction.atomic
def change(
    *,
    version: ListVersion,
    to: Callable[[Document], Document],
    staff: Staff,
    origin: Origin | None,
    action: str = "wordlist.changed",
    **details: object,
) -> Difference:
    """Rewrites a draft's document, and says what that changed. Raises ListRefused, ValidationError."""
    version = _open(version)
    before = vault.take(version)
    after = to(before)
    if len(after.words) > MAX_WORDS:
        raise ValidationError(_("一个词库最多 %(limit)d 个词，请分成几个词库。") % {"limit": MAX_WORDS})
    difference = compare(before, after)
    vault.put(version, after)
    _write(version, {}, staff)
    _record(action, version, staff, origin, **_told(version, difference), **details)
    return difference


@transaction.atomic
def submit(*, version: ListVersion, staff: Staff, origin: Origin | None) -> None:
    """Hands a draft to the second person. Raises ListRefused when it changes nothing."""
    version = _open(version)
    if version.word_list.in_force is not None and not is_changed(version):
        raise ListRefused(_("这个版本与生效的版本没有差别，不必提交。"), code="wordlist_unchanged")
    version.state = State.PENDING
    version.submitted_at = timezone.now()
    version.save(update_fields=["state", "submitted_at"])
    _record("wordlist.submitted", version, staff, origin)


@transaction.atomic
def approve(*, version: ListVersion, staff: Staff, origin: Origin | None) -> None:
    """Puts the version in force, in every process within two seconds. Raises OwnList, ListRefused."""
    version = _decide(version, staff)
    before = version.word_list.in_force
    if before is not None:
        before.state = State.RETIRED
        before.save(update_fields=["state"])
    version.state = State.ACTIVE
    version.save()
    transaction.on_commit(current.look_again)
    _record("wordlist.approved", version, staff, origin, sha256=version.digest)


@transaction.atomic
def refuse(*, version: ListVersion, reason: str, staff: Staff, origin: Origin | None) -> None:
    """Sends the version back to its author, who is told why. Raises OwnList, ListRefused."""
    if not reason.strip():
        raise ListRefused(_("请填写驳回原因。"), code="reason_required", field="reason")
    version = _decide(version, staff)
    version.state = State.REFUSED
    version.refusal = reason.strip()[:300]
    version.save()
    _record("wordlist.refused", version, staff, origin, reason=version.refusal)


@transaction.atomic
def discard(*, version: ListVersion, staff: Staff, origin: Origin | None) -> None:
    """Gives a draft, or what waits for its decision, up. What is in force stays so."""
    lock()
    version = _reload(version)
    _require(version, OPEN)
    version.state = State.RETIRED
    version.save(update_fields=["state"])
    _record("wordlist.discarded", version, staff, origin)


def before(version: ListVersion) -> ListVersion | None:
    """What a version is compared with: what is in force, else the last one that was decided in its favour."""
    earlier = version.word_list.versions.filter(number__lt=version.number, decided_at__isnull=False)
    earlier |= version.word_list.versions.filter(number__lt=version.number, author_id__isnull=True)
    return earlier.exclude(state=State.REFUSED).first()


def difference(version: ListVersion) -> Difference:
    """What its document changes against the version before."""
    earlier = before(version)
    return compare(vault.take(earlier) if earlier else Document(), vault.take(version))


def changed_settings(version: ListVersion) -> dict[str, tuple[Any, Any]]:
    """The settings that it changes against the version before, each with both values."""
    earlier = before(version)
    if earlier is None:
        return {}
    pairs = {name: (getattr(earlier, name), getattr(version, name)) for name in SETTINGS}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def is_changed(version: ListVersion) -> bool:
    earlier = before(version)
    return earlier is None or earlier.digest != version.digest or bool(changed_settings(version))


def lock() -> None:
    """One change at a time: who approves sees what was approved a moment before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('screening.change'))")


def target_of(version: ListVersion) -> Target:
    return Target(type="wordlist", id=str(version.word_list_id), name=version.name)


# --- inside ----------------------------------------------------------------------------------------------


def _reload(version: ListVersion) -> ListVersion:
    return ListVersion.objects.select_for_update(of=("self",)).select_related("word_list").get(pk=version.pk)


def _open(version: ListVersion) -> ListVersion:
    """The draft as it is now, for writing."""
    lock()
    version = _reload(version)
    _require(version, (State.DRAFT,))
    return version


def _require(version: ListVersion, states: Iterable[str]) -> None:
    if version.state not in states:
        raise ListRefused(
            _("现在不能这样操作：“%(name)s”第 %(number)d 版处于“%(state)s”。")
            % {"name": version.name, "number": version.number, "state": version.get_state_display()}
        )


def _decide(version: ListVersion, staff: Staff) -> ListVersion:
    lock()
    version = _reload(version)
    _require(version, (State.PENDING,))
    if staff.pk in version.writers:
        raise OwnList(_("不能审核自己参与修改的词库版本，请由另一位同事审核。"))
    version.decider_id = staff.pk
    version.decider_name = str(staff)
    version.decided_at = timezone.now()
    return version


def _copy(version: ListVersion, staff: Staff, *, restores: int | None = None) -> ListVersion:
    number = version.word_list.newest.number + 1
    draft = ListVersion(word_list=version.word_list, number=number, restores=restores)
    vault.put(draft, vault.take(version))
    _write(draft, {name: getattr(version, name) for name in SETTINGS}, staff)
    return draft


def _write(version: ListVersion, fields: Mapping[str, Any], staff: Staff) -> None:
    for name in SETTINGS:
        if name in fields:
            setattr(version, name, fields[name])
    version.author_id, version.author_name = staff.pk, str(staff)
    version.writers = sorted({*version.writers, staff.pk})
    version.changed_at = timezone.now()
    check_options(version.options)
    version.clean_fields(exclude=["word_list", "content"])
    version.clean()
    version.save()


def _told(version: ListVersion, difference: Difference) -> dict[str, Any]:
    """For the evidence: how much changed, and of an open list also what."""
    numbers = {
        "added": len(difference.added),
        "removed": len(difference.removed),
        "changed": len(difference.changed),
        "allowed": len(difference.allowed_added) + len(difference.allowed_removed),
        "rules": len(difference.rules_added) + len(difference.rules_removed),
        "sha256": version.digest,
    }
    if version.word_list.is_confidential:
        return numbers
    words = [*(f"+{one.text}" for one in difference.added), *(f"-{one.text}" for one in difference.removed)]
    return {**numbers, "words": words[:_TOLD]}


def _record(
    action: str, version: ListVersion, staff: Staff, origin: Origin | None, **details: object
) -> None:
    record(
        action=action,
        actor=staff_actor(staff),
        target=target_of(version),
        origin=origin,
        details={"revision": version.number, **details},
    )
