from __future__ import annotations

import getpass
import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from audit import assurance, proving
from audit.canonical import canonical
from audit.errors import AuditError
from audit.findings import Outcome
from audit.parties import Actor
from audit.services import record
from audit.verification import ALL, Scope

_TAMPERED, _UNCLEAR = 1, 2


class Command(BaseCommand):
    help = "Verifies the audit log, writes proofs for auditors, lists the public keys."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True)
        verify = deeds.add_parser("verify", help="hold events, leaves and heads against each other")
        _add_verify(verify)
        prove = deeds.add_parser("prove", help="write a proof that audit-verify.py checks")
        _add_prove(prove)
        keys = deeds.add_parser("keys", help="the public keys with their fingerprints")
        keys.add_argument("--json", action="store_true", help="as keys.json of an export")

    def handle(self, *args: Any, deed: str, **options: Any) -> None:
        deeds: dict[str, Callable[..., None]] = {
            "verify": self.verify,
            "prove": self.prove,
            "keys": self.keys,
        }
        try:
            deeds[deed](**options)
        except (AuditError, OSError, ValueError) as error:
            raise CommandError(str(error) or type(error).__name__, returncode=_UNCLEAR) from error

    def verify(self, *, head: list[Path], since: str | None, share: float, **options: Any) -> None:
        scope = Scope(since=_moment(since), share=share) if since or share < 1 else ALL
        outcome = assurance.verify_log(actor=_operator(), scope=scope, copies=head)
        self.stdout.write(_as_json(outcome) if options["json"] else _as_text(outcome))
        if not outcome.holds:
            sys.exit(_TAMPERED)

    def prove(self, *, out: Path, **options: Any) -> None:
        if options["event"] is not None:
            proof = proving.prove_event(event_id=options["event"], redacted=options["redacted"])
        elif None in (options["from"], options["to"]):
            raise CommandError("give --event ID, or --from and --to, the numbers of two heads")
        else:
            proof = proving.prove_growth(first=options["from"], second=options["to"])
        out.write_bytes(canonical(proof) + b"\n")
        with transaction.atomic():
            told = {"kind": proof["kind"], "file": out.name}
            record(action="audit.proved", actor=_operator(), details=told)
        self.stdout.write(f"{out}: check it with audit-verify.py {out}")

    def keys(self, **options: Any) -> None:
        listed = proving.public_keys()
        if options["json"]:
            self.stdout.write(json.dumps(listed, indent=2))
            return
        for key in listed:
            self.stdout.write(f"{key['key_id']}  {key['algorithm']:<8}  {key['since']}  {key['fingerprint']}")


def _add_verify(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--head", type=Path, action="append", default=[], help="a copy of the head file, or a printed head"
    )
    parser.add_argument("--since", help="only from the head before this day or time on")
    parser.add_argument("--share", type=float, default=1.0, help="the share of events to read, 0.01 for 1 %%")
    parser.add_argument("--json", action="store_true")


def _add_prove(parser: ArgumentParser) -> None:
    parser.add_argument("--event", type=int, help="that this event is in the newest head")
    parser.add_argument("--redacted", action="store_true", help="without its personal fields")
    parser.add_argument("--from", type=int, help="the number of the older head")
    parser.add_argument("--to", type=int, help="the number of the newer head")
    parser.add_argument("--out", type=Path, default=Path("proof.json"))


def _operator() -> Actor:
    """Whoever sits at the console: the platform knows only the account of the machine."""
    return Actor(kind="system", id=getpass.getuser(), name=f"console {getpass.getuser()}")


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    day = parse_date(text) if len(text) == len("2026-11-21") else None
    moment = datetime.combine(day, datetime.min.time()) if day else parse_datetime(text)
    if moment is None:
        raise CommandError(f"{text!r} is no day or time: write 2026-11-21 or 2026-11-21 09:05")
    return timezone.make_aware(moment) if moment.tzinfo is None else moment


def _as_json(outcome: Outcome) -> str:
    found = [finding.as_details() for finding in outcome.findings]
    bad = outcome.first_bad
    details = {**outcome.as_details(), "first": bad.as_details() if bad else None}
    return json.dumps(
        {"holds": outcome.holds, **details, "all": found, "notes": outcome.notes}, ensure_ascii=False
    )


def _as_text(outcome: Outcome) -> str:
    verdict = "校验通过，未发现篡改 (nothing was altered)" if outcome.holds else "校验不通过 (ALTERED)"
    read = f"{outcome.events} 条事件，{outcome.leaves} 个叶，{outcome.heads} 个树头"
    rest = f"比对已公布树头 {outcome.published} 个，待封存 {outcome.waiting} 条，{outcome.seconds:.1f} 秒"
    lines = [verdict, f"{read}，{rest}"]
    lines += [f"  - [{finding.code}] {finding.message}" for finding in outcome.findings]
    if outcome.bad > len(outcome.findings):
        lines.append(f"  … 另有 {outcome.bad - len(outcome.findings)} 项")
    return "\n".join([*lines, *(f"提示：{note}" for note in outcome.notes)])
