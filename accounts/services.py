"""What changes who may come in, and the look-up that lets a client through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.errors import AddressRefused, CertificateMismatch, KeyInvalid
from accounts.keys import make_key, matches, prefix_of, random_key
from accounts.models import ApiKey, Client, ClientNetwork, Organisation, Staff
from accounts.networks import contains, parse_address
from audit.parties import Actor, Origin, Target
from audit.services import record

LAST_CALL_STEP = timedelta(minutes=1)


def staff_actor(staff: Staff) -> Actor:
    return Actor(
        kind="staff",
        id=str(staff.pk),
        name=str(staff),
        role=staff.role.name,
        organisation=staff.organisation.name,
    )


def staff_target(staff: Staff) -> Target:
    return Target(type="staff", id=str(staff.pk), name=staff.display_name)


def client_actor(client: Client) -> Actor:
    return Actor(kind="client", id=client.code, name=client.name, organisation=client.organisation.name)


def client_target(client: Client) -> Target:
    return Target(type="client", id=client.code, name=client.name)


def find_client(*, key: str) -> Client:
    """The open client that the key belongs to. Raises KeyInvalid, after the same work whatever is wrong."""
    return find_key(key=key, kind=ApiKey.Kind.KEY).client


def find_open_client(*, code: str) -> Client:
    """For who has proved already which client he comes from. Raises KeyInvalid when it is closed."""
    found = Client.objects.select_related("organisation").prefetch_related("networks").filter(code=code)
    client = found.first()
    if client is None or not client.is_open:
        raise KeyInvalid
    return client


def find_key(*, key: str, kind: ApiKey.Kind) -> ApiKey:
    """The valid key of an open client. Raises KeyInvalid, after the same work whatever is wrong."""
    prefix = prefix_of(key)
    row = (
        ApiKey.objects.select_related("client__organisation")
        .prefetch_related("client__networks")
        .filter(prefix=prefix or "", kind=kind)
        .first()
    )
    if (
        not matches(key, row.digest if row else None)
        or row is None
        or not (row.is_valid and row.client.is_open)
    ):
        raise KeyInvalid
    return row


def check_address(client: Client, origin: Origin) -> None:
    """Raises AddressRefused unless the request came from one of the client's networks."""
    address = parse_address(origin.address or "")
    networks = [row.network for row in client.networks.all()]
    if address is None or not contains(networks, address):
        raise AddressRefused


def check_certificate(client: Client, origin: Origin) -> None:
    """Raises CertificateMismatch where the client demands one of its certificates and the call has none."""
    if client.certificates and origin.certificate not in client.certificates:
        raise CertificateMismatch


def note_call(client: Client) -> None:
    """Keeps `last_call_at` right to the minute; a row written at every call would be a lock on the client."""
    now = timezone.now()
    if client.last_call_at is None or now - client.last_call_at >= LAST_CALL_STEP:
        client.last_call_at = now
        Client.objects.filter(pk=client.pk).update(last_call_at=now)


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key as its owner sees it, once."""

    row: ApiKey
    key: str


@transaction.atomic
def create_client(
    *, fields: dict[str, object], networks: list[str], actor: Actor, origin: Origin | None
) -> Client:
    """A new client with the networks it may call from. Raises ValidationError."""
    client = Client(**fields)
    client.full_clean()
    client.save()
    replace_networks(client=client, networks=networks, actor=actor, origin=origin)
    record(action="client.created", actor=actor, target=client_target(client), origin=origin)
    return client


@transaction.atomic
def replace_networks(*, client: Client, networks: list[str], actor: Actor, origin: Origin | None) -> None:
    """Makes the list of networks be `networks`. Raises ValidationError naming the wrong one."""
    before = sorted(row.network for row in client.networks.all())
    rows = [ClientNetwork(client=client, network=network) for network in dict.fromkeys(networks)]
    for row in rows:
        row.clean_fields()
    after = sorted(row.network for row in rows)
    if before == after:
        return
    client.networks.all().delete()
    ClientNetwork.objects.bulk_create(rows)
    record(
        action="network.changed",
        actor=actor,
        target=client_target(client),
        origin=origin,
        details={"before": before, "after": after},
    )


@transaction.atomic
def change_client(
    *,
    client: Client,
    fields: dict[str, object],
    networks: list[str] | None,
    actor: Actor,
    origin: Origin | None,
) -> None:
    """Changes what is given. Raises ValidationError."""
    before = {name: getattr(client, name) for name in fields}
    for name, value in fields.items():
        setattr(client, name, value)
    client.full_clean()
    client.save()
    changed = {
        name: [str(before[name]), str(value)] for name, value in fields.items() if before[name] != value
    }
    if networks is not None:
        replace_networks(client=client, networks=networks, actor=actor, origin=origin)
    if changed:
        closed = "is_active" in changed and not client.is_active
        record(
            action="client.disabled" if closed else "client.changed",
            actor=actor,
            target=client_target(client),
            origin=origin,
            details=changed,
        )


@transaction.atomic
def issue_key(
    *,
    client: Client,
    expires_at: datetime | None,
    actor: Actor,
    origin: Origin | None,
    key: str | None = None,
    kind: ApiKey.Kind = ApiKey.Kind.KEY,
) -> IssuedKey:
    """A new key for the client. `key` lets the first run bring the one it wrote down, and nobody else."""
    new = make_key(key or random_key(secret=kind == ApiKey.Kind.SECRET))
    row = ApiKey(
        client=client,
        kind=kind,
        prefix=new.prefix,
        digest=new.digest,
        created_by=actor.name,
        expires_at=expires_at,
    )
    row.full_clean()
    row.save()
    record(
        action="key.issued",
        actor=actor,
        target=Target(type="key", id=row.prefix, name=f"{client.name} {row.prefix}…"),
        origin=origin,
        details={
            "client": client.code,
            "kind": kind.value,
            "expires_at": expires_at.isoformat() if expires_at else None,
        },
    )
    return IssuedKey(row=row, key=new.key)


@transaction.atomic
def revoke_key(*, row: ApiKey, actor: Actor, origin: Origin | None) -> None:
    """The key opens nothing from now on; revoking it twice changes nothing."""
    row = ApiKey.objects.select_for_update().select_related("client").get(pk=row.pk)
    if row.revoked_at is not None:
        return
    row.revoked_at = timezone.now()
    row.save(update_fields=["revoked_at"])
    record(
        action="key.revoked",
        actor=actor,
        target=Target(type="key", id=row.prefix, name=f"{row.client.name} {row.prefix}…"),
        origin=origin,
        details={"client": row.client.code},
    )


@transaction.atomic
def save_organisation(
    *, organisation: Organisation, changed: Mapping[str, object], actor: Actor, origin: Origin | None
) -> None:
    """Keeps a new or changed department. Raises ValidationError."""
    is_new = organisation.pk is None
    organisation.full_clean()
    organisation.save()
    record(
        action="organisation.created" if is_new else "organisation.changed",
        actor=actor,
        target=Target(type="organisation", id=organisation.code, name=organisation.name),
        origin=origin,
        details=changed,
    )
