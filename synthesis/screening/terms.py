"""Staff's changes to the list of forbidden words."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from audit.parties import Actor, Origin, Target
from audit.services import record
from synthesis.screening.models import Term


@transaction.atomic
def save_term(*, term: Term, changed: Mapping[str, object], actor: Actor, origin: Origin) -> None:
    """Keeps a new or changed term; every process judges by it within seconds. Raises ValidationError."""
    is_new = term.pk is None
    term.text = term.text.strip()
    term.updated_at = timezone.now()
    term.full_clean()
    term.save()
    record(
        action="term.created" if is_new else "term.changed",
        actor=actor,
        target=Target(type="term", id=str(term.pk), name=term.text),
        origin=origin,
        details=changed,
    )
