"""What clients, departments and the lexicon have of a voice, and how another takes it over."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Client, Organisation
from accounts.services import change_client, save_organisation, staff_actor
from synthesis import uses
from synthesis.lexicon import services as lexicon
from synthesis.lexicon.models import Entry
from synthesis.lexicon.scopes import Scope
from synthesis.models import Voice
from synthesis.uses import Handover, Room, Use

# Copied from an entry to its proposal for the successor; where it holds is what differs.
_CARRIED = ("word", "reading", "replacement", "note", "examples", "effective_from", "effective_to")


def register_rooms() -> None:
    """Called once, when the app is ready."""
    rooms = {
        "client": Room(gettext_lazy("接入系统"), _clients, _change_clients, "accounts.view_client"),
        "organisation": Room(
            gettext_lazy("部门默认"), _organisations, _change_organisations, "synthesis.view_voice"
        ),
        "lexicon": Room(gettext_lazy("读音词典"), _entries, _propose_entries, "lexicon.view_entry"),
    }
    for kind, room in rooms.items():
        uses.register(kind, room)


# --- client systems --------------------------------------------------------------------------------------


def _naming(code: str) -> QuerySet[Client]:
    return Client.objects.filter(Q(default_voice=code) | Q(voices__contains=[code]))


def _clients(voice: Voice) -> Iterator[Use]:
    for client in _naming(voice.code).select_related("organisation"):
        parts = (
            (client.default_voice == voice.code, _("默认发音人")),
            (voice.code in client.voices, _("可用发音人")),
        )
        note = "、".join(word for holds, word in parts if holds)
        yield Use(client.name, note=note, organisation=client.organisation.code)


def _change_clients(handover: Handover) -> None:
    old, new = handover.old.code, handover.new.code
    for client in _naming(old).select_for_update():
        fields: dict[str, object] = {}
        if client.default_voice == old:
            fields["default_voice"] = new
        if old in client.voices:
            fields["voices"] = list(dict.fromkeys(new if code == old else code for code in client.voices))
        actor = staff_actor(handover.staff)
        change_client(client=client, fields=fields, networks=None, actor=actor, origin=handover.origin)


# --- departments -----------------------------------------------------------------------------------------


def _organisations(voice: Voice) -> Iterator[Use]:
    for row in Organisation.objects.filter(default_voice=voice.code):
        yield Use(row.name, organisation=row.code)


def _change_organisations(handover: Handover) -> None:
    for row in Organisation.objects.filter(default_voice=handover.old.code).select_for_update():
        row.default_voice = handover.new.code
        save_organisation(
            organisation=row,
            changed={"default_voice": [handover.old.code, handover.new.code]},
            actor=staff_actor(handover.staff),
            origin=handover.origin,
        )


# --- the lexicon -----------------------------------------------------------------------------------------


def _in_force(code: str) -> QuerySet[Entry]:
    return Entry.objects.filter(scope=Scope.VOICE, scope_key=code, state=Entry.State.ACTIVE)


def _entries(voice: Voice) -> Iterator[Use]:
    for entry in _in_force(voice.code):
        yield Use("", title=str(entry))


def _propose_entries(handover: Handover) -> None:
    """A reading is never put in force by one person: for the successor it is proposed, and waits.

    The old voice's entries stay as they were decided: they hold for nobody else.
    """
    taken = {Entry.State.ACTIVE, Entry.State.PENDING}
    known = set(
        Entry.objects.filter(scope=Scope.VOICE, scope_key=handover.new.code, state__in=taken).values_list(
            "folded", flat=True
        )
    )
    for entry in _in_force(handover.old.code):
        if entry.folded not in known:
            fields = {name: getattr(entry, name) for name in _CARRIED}
            fields |= {"scope": Scope.VOICE, "scope_key": handover.new.code}
            lexicon.propose(fields=fields, staff=handover.staff, origin=handover.origin)
