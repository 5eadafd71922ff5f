"""Who may come in: staff with one role each, and client systems with keys bound to their networks."""

from __future__ import annotations

from accounts.models.clients import Client, ClientNetwork, Notice, Webhook
from accounts.models.factors import Authenticator, Passkey, RecoveryCode
from accounts.models.keys import AccessKey, ApiKey, Credential, RevokedToken, SigningKey, TokenOut
from accounts.models.policy import Policy
from accounts.models.staff import FormerPassword, Organisation, Role, Staff, StaffManager

__all__ = [
    "AccessKey",
    "ApiKey",
    "Authenticator",
    "Client",
    "ClientNetwork",
    "Credential",
    "FormerPassword",
    "Notice",
    "Organisation",
    "Passkey",
    "Policy",
    "RecoveryCode",
    "RevokedToken",
    "Role",
    "SigningKey",
    "Staff",
    "StaffManager",
    "TokenOut",
    "Webhook",
]
