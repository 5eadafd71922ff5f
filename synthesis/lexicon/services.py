"""What changes the lexicon: every step checks, acts and records in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Staff
from accounts.services import staff_actor
from audit.parties import Origin, Target
from audit.services import record
from synthesis.lexicon import current, scopes
from synthesis.lexicon.errors import LexiconRefused, OwnEntry
from synthesis.lexicon.impact import mark_outdated
from synthesis.lexicon.models import Entry, Version
from synthesis.lexicon.reading import normal_word
from synthesis.screening.services import judge

FIELDS = (
    "word",
    "reading",
    "replacement",
    "scope",
    "scope_key",
    "note",
    "examples",
    "effective_from",
    "effective_to",
)
State = Entry.State
OPEN = (State.DRAFT, State.PENDING)


@transaction.atomic
def propose(
    *, fields: Mapping[str, Any], staff: Staff, origin: Origin | None, as_draft: bool = False
) -> Entry:
    """A new entry, which waits for a second person; a draft waits for its author. Raises ValidationError."""
    lock()
    state = State.DRAFT if as_draft else State.PENDING
    entry = _write(Entry(state=state), fields, staff)
    _record("lexicon.drafted" if as_draft else "lexicon.proposed", entry, staff, origin)
    return entry


@transaction.atomic
def change(*, entry: Entry, fields: Mapping[str, Any], staff: Staff, origin: Origin | None) -> Entry:
    """The next revision of the entry, and the row that it is.

    A draft is rewritten by its author. Everything else stays as it is and gets a successor that waits: one
    that is in force goes on until the successor is approved, one that waited is retired at once.
    Raises ValidationError, LexiconRefused.
    """
    lock()
    entry = _reload(entry)
    before = {name: str(getattr(entry, name)) for name in FIELDS}
    if entry.state == State.DRAFT and entry.author_id == staff.pk:
        changed = _write(entry, fields, staff)
    else:
        changed = _succeed(entry, fields, staff)
    after = {name: str(getattr(changed, name)) for name in FIELDS}
    differences = {name: [before[name], after[name]] for name in FIELDS if before[name] != after[name]}
    _record("lexicon.changed", changed, staff, origin, changed=differences)
    return changed


@transaction.atomic
def submit(*, entry: Entry, staff: Staff, origin: Origin | None) -> None:
    """Hands a draft to the second person. Raises ValidationError, LexiconRefused."""
    lock()
    entry = _reload(entry)
    _require(entry, (State.DRAFT,))
    entry.state = State.PENDING
    _validate(entry)
    entry.save()
    _record("lexicon.proposed", entry, staff, origin)


@transaction.atomic
def approve(*, entry: Entry, staff: Staff, origin: Origin | None) -> None:
    """Puts the entry in force, in every process within two seconds, in the place of the one it replaces.

    Raises OwnEntry, LexiconRefused, ValidationError (when another entry for the word came first).
    """
    lock()
    entry = _decide(entry, staff)
    replaced = [row for row in history(entry) if row.state == State.ACTIVE]
    for row in replaced:
        _close(row, staff)
    entry.state = State.ACTIVE
    _validate(entry)
    entry.save()
    outdated = _take_effect(entry, *replaced)
    _record("lexicon.approved", entry, staff, origin, outdated=outdated)


@transaction.atomic
def refuse(*, entry: Entry, reason: str, staff: Staff, origin: Origin | None) -> None:
    """Sends the entry back to its author, who is told why. Raises OwnEntry, LexiconRefused."""
    if not reason.strip():
        raise LexiconRefused(_("请填写驳回原因。"), code="reason_required", field="reason")
    lock()
    entry = _decide(entry, staff)
    entry.state = State.REFUSED
    entry.refusal = reason.strip()[:300]
    entry.save()
    _record("lexicon.refused", entry, staff, origin, reason=entry.refusal)


@transaction.atomic
def retire(*, entry: Entry, staff: Staff, origin: Origin | None) -> None:
    """Takes the entry out of force, or out of the queue; texts are read as if it had never been there."""
    lock()
    entry = _reload(entry)
    _require(entry, (State.ACTIVE, *OPEN))
    was_active = entry.state == State.ACTIVE
    _close(entry, staff)
    outdated = _take_effect(entry) if was_active else 0
    _record("lexicon.retired", entry, staff, origin, outdated=outdated)


def conflicts(*, word: str, scope: str, scope_key: str = "", besides: Entry | None = None) -> list[Entry]:
    """Entries in force or waiting that one text may meet together with this word.

    The same word, in this scope or another (the narrower one is spoken), and words that share characters
    with it (the longer one is spoken, or the one that begins first). `besides` leaves out an entry and those
    it replaces.
    """
    folded = normal_word(word.strip())
    if not folded:
        return []
    family = {row.pk for row in history(besides)} if besides else set()
    rows = Entry.objects.filter(state__in=[State.ACTIVE, State.PENDING])
    met = [
        pk
        for pk, other, where, key in rows.values_list("pk", "folded", "scope", "scope_key")
        if pk not in family and scopes.may_meet(scope, scope_key, where, key) and _overlap(folded, other)
    ]
    return list(Entry.objects.filter(pk__in=met))


def history(entry: Entry) -> list[Entry]:
    """The entry and the revisions before it, the newest first."""
    rows = [entry]
    while rows[-1].supersedes is not None:
        rows.append(rows[-1].supersedes)
    return rows


def screened(entry: Entry) -> None:
    """Raises ValidationError when what would be said is a forbidden word."""
    if entry.replacement and judge(entry.replacement).blocked:
        message = _("替换文本含有不允许播报的内容。")
        raise ValidationError({"replacement": ValidationError(message, code="text_blocked")})


def require_own_place(entry: Entry, staff: Staff) -> None:
    """Raises ValidationError for an entry that would hold for another department."""
    if entry.scope == scopes.Scope.ORGANISATION and entry.scope_key != staff.organisation.code:
        raise ValidationError({"scope_key": _("只能为本部门设定读音。")})


def following(entry: Entry, fields: Mapping[str, Any]) -> Entry:
    """The next revision, not kept yet: as the entry is, but for `fields`. Raises LexiconRefused."""
    later = _successors(entry)
    if any(row.state in {*OPEN, State.ACTIVE} for row in later):
        raise LexiconRefused(_("该词条已有更新的版本，请在新版本上修改。"), code="entry_succeeded")
    number = max(row.number for row in (entry, *later)) + 1
    values = {name: getattr(entry, name) for name in FIELDS} | dict(fields)
    return Entry(**values, state=State.PENDING, supersedes=entry, number=number)


def same_days(one: Entry, other: Entry) -> bool:
    """Whether there is a day on which both are in effect."""
    begins_before = other.effective_to is None or one.effective_from <= other.effective_to
    return begins_before and (one.effective_to is None or other.effective_from <= one.effective_to)


def lock() -> None:
    """One change at a time: who approves sees what was approved a moment before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('lexicon.change'))")


def target_of(entry: Entry) -> Target:
    return Target(type="lexicon", id=str(entry.pk), name=entry.word)


# --- inside ----------------------------------------------------------------------------------------------


def _reload(entry: Entry) -> Entry:
    return Entry.objects.select_for_update().get(pk=entry.pk)


def _require(entry: Entry, states: Iterable[str]) -> None:
    if entry.state not in states:
        raise LexiconRefused(
            _("现在不能这样操作：词条“%(word)s”处于“%(state)s”。")
            % {"word": entry.word, "state": entry.get_state_display()}
        )


def _write(entry: Entry, fields: Mapping[str, Any], staff: Staff) -> Entry:
    for name in FIELDS:
        if name in fields:
            setattr(entry, name, fields[name])
    entry.author_id = staff.pk
    entry.author_name = str(staff)
    require_own_place(entry, staff)
    _validate(entry)
    entry.save()
    return entry


def _validate(entry: Entry) -> None:
    entry.clean_fields(exclude=["supersedes"])
    entry.clean()
    screened(entry)
    _require_alone(entry)


def _require_alone(entry: Entry) -> None:
    """The database keeps these two promises; said here in words that staff understand."""
    same = Entry.objects.filter(folded=entry.folded, scope=entry.scope, scope_key=entry.scope_key)
    same = same.exclude(pk=entry.pk)
    if entry.state == State.PENDING and same.filter(state=State.PENDING).exists():
        raise ValidationError(
            {"word": ValidationError(_("该词语在此范围已有待审核的词条。"), code="word_waits")}
        )
    if entry.state == State.ACTIVE and any(same_days(entry, row) for row in same.filter(state=State.ACTIVE)):
        message = _("该词语在此范围、此期间已有生效的词条，请先停用或修改它。")
        raise ValidationError({"word": ValidationError(message, code="word_active")})


def _succeed(entry: Entry, fields: Mapping[str, Any], staff: Staff) -> Entry:
    new = following(entry, fields)
    if entry.state in OPEN:
        _close(entry, staff)
    return _write(new, fields, staff)


def _successors(entry: Entry) -> list[Entry]:
    """Every revision that grew out of this one; a refused one may have brothers."""
    direct = list(entry.successors.all())
    return direct + [row for child in direct for row in _successors(child)]


def _decide(entry: Entry, staff: Staff) -> Entry:
    entry = _reload(entry)
    _require(entry, (State.PENDING,))
    if staff.pk in _authors(entry):
        raise OwnEntry(_("不能审核自己提交的词条，请由另一位同事审核。"))
    entry.decider_id = staff.pk
    entry.decider_name = str(staff)
    entry.decided_at = timezone.now()
    return entry


def _authors(entry: Entry) -> set[int]:
    """Whoever wrote what was not decided on yet: a colleague's small change makes it nobody else's work."""
    rows = history(entry)
    first_decided = next((place for place, row in enumerate(rows) if row.decided_at), len(rows))
    return {row.author_id for row in rows[:first_decided]}


def _close(entry: Entry, staff: Staff) -> None:
    entry.state = State.RETIRED
    entry.retired_at = timezone.now()
    entry.retired_by_name = str(staff)
    entry.save(update_fields=["state", "retired_at", "retired_by_name"])


def _take_effect(*entries: Entry) -> int:
    """Counts the version up and marks finished audio that says the words; how many were marked."""
    Version.objects.get_or_create(pk=1)
    Version.objects.filter(pk=1).update(number=F("number") + 1)
    transaction.on_commit(current.look_again)
    today = timezone.localdate()
    return mark_outdated(entry for entry in entries if entry.is_in_effect(today))


def _overlap(one: str, other: str) -> bool:
    """One holds the other, or the end of one is the beginning of the other."""
    if one in other or other in one:
        return True
    lengths = range(1, min(len(one), len(other)))
    return any(one[-n:] == other[:n] or other[-n:] == one[:n] for n in lengths)


def _record(action: str, entry: Entry, staff: Staff, origin: Origin | None, **more: object) -> None:
    record(
        action=action,
        actor=staff_actor(staff),
        target=target_of(entry),
        origin=origin,
        details={
            "word": entry.word,
            "spoken": entry.spoken,
            "scope": entry.scope,
            "scope_key": entry.scope_key,
            "revision": entry.number,
            **more,
        },
    )
