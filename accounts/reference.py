"""The roles we ship, and what each may do. `manage.py load_reference` brings the database in step."""

from __future__ import annotations

from typing import NamedTuple

from accounts.models import Organisation, Role


class _Role(NamedTuple):
    code: str
    name: str
    duty: str
    permissions: tuple[str, ...]


_READ_VOICES = ("synthesis.view_speaker", "synthesis.view_emotion", "synthesis.view_voice")
_READ_BROADCASTS = (
    "synthesis.view_category",
    "broadcasts.view_broadcast",
    "broadcasts.view_revision",
    "synthesis.view_rendition",
)

# GB/T 22239-2019 8.1.5: the three administrators see no business content and share no right.
ROLES = (
    _Role(
        "system_admin",
        "系统管理员",
        "management",
        (
            "accounts.view_staff",
            "accounts.add_staff",
            "accounts.change_staff",
            "accounts.view_organisation",
            "accounts.add_organisation",
            "accounts.change_organisation",
            "accounts.confirm_policy",
            "synthesis.change_speaker",
            "synthesis.change_voice",
            *_READ_VOICES,
        ),
    ),
    _Role(
        "security_admin",
        "安全管理员",
        "management",
        (
            "accounts.view_client",
            "accounts.add_client",
            "accounts.change_client",
            "accounts.view_apikey",
            "accounts.add_apikey",
            "accounts.change_apikey",
            "accounts.grant_role",
            "accounts.reset_password",
            "accounts.propose_policy",
            "accounts.confirm_policy",
            "screening.view_wordlist",
            "screening.change_wordlist",
            "screening.approve_wordlist",
            "synthesis.view_category",
            "synthesis.add_category",
            "synthesis.change_category",
        ),
    ),
    _Role(
        "auditor",
        "审计管理员",
        "management",
        # What masks hide he may see, one event at a time; each look is an event (audit.originals).
        ("audit.view_event", "audit.export_event", "audit.set_hold", "audit.reveal_event"),
    ),
    _Role(
        "editor",
        "播报编辑",
        "business",
        (
            "synthesis.preview_speech",
            "synthesis.view_speech",
            "broadcasts.add_broadcast",
            "broadcasts.change_broadcast",
            "lexicon.view_entry",
            "lexicon.add_entry",
            "lexicon.change_entry",
            *_READ_BROADCASTS,
            *_READ_VOICES,
        ),
    ),
    _Role(
        "reviewer",
        "播报审核",
        "business",
        (
            "synthesis.preview_speech",
            "lexicon.view_entry",
            "lexicon.approve_entry",
            "screening.view_wordlist",
            "screening.approve_wordlist",
            "screening.view_reviewitem",
            "screening.decide_reviewitem",
            "broadcasts.approve_broadcast",
            "broadcasts.publish_broadcast",
            *_READ_BROADCASTS,
            *_READ_VOICES,
        ),
    ),
    _Role(
        "publisher",
        "播报发布",
        "business",
        ("broadcasts.publish_broadcast", *_READ_BROADCASTS, *_READ_VOICES),
    ),
    # Looks at what is on air and whether everything works, and changes nothing.
    _Role("duty_officer", "值班员", "business", ("operations.view_state", *_READ_BROADCASTS, *_READ_VOICES)),
    # A new account until the security administrator grants it a role.
    _Role("pending", "待授权", "none", ()),
    # Creates the three administrators, once, and is closed by that: accounts.bootstrap.
    _Role("bootstrap", "初始化", "none", ("accounts.bootstrap",)),
)


def load() -> None:
    """Creates or corrects the shipped roles and the first department."""
    for position, role in enumerate(ROLES):
        Role.objects.update_or_create(
            code=role.code,
            defaults={
                "name": role.name,
                "duty": role.duty,
                "permissions": list(role.permissions),
                "position": position,
            },
        )
    Organisation.objects.get_or_create(code="default", defaults={"name": "政务服务热线中心"})
