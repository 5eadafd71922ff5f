"""One valid POST to each route of the portal that changes something, and the line that it must leave."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from axes.models import AccessAttempt
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import TOTP

from accounts import bootstrap, factors, policy
from accounts.access_keys import issue_access_key
from accounts.models import ApiKey, Client, Organisation, Policy
from accounts.services import issue_key
from accounts.tokens import find_secret, issue_token
from accounts.webhooks import set_webhook
from audit.exports.models import Export
from audit.heads import head_text
from audit.models import Event, TreeHead
from audit.parties import SYSTEM
from govvoice.broadcasts.models import Broadcast
from synthesis import versions
from synthesis.models import Voice
from synthesis.screening import vault
from synthesis.screening.models import ListVersion
from tests.api.cast import open_hotline
from tests.portal.broadcasts import cast as broadcasts
from tests.portal.broadcasts.cast import Official, official
from tests.portal.lexicon import cast as lexicon
from tests.portal.screening.cast import held
from tests.synthesis.screening import cast as screening

PASSWORD = "correct horse battery"
NEW_PASSWORD = "Another fine battery 7"
SEED = b"12345678901234567890"


@dataclass
class Stage:
    """The people of a test, each made when he is first called."""

    people: dict[str, Official] = field(default_factory=dict)

    def __getattr__(self, role: str) -> Official:
        if role not in self.people:
            self.people[role] = official(role)
        return self.people[role]


@dataclass(frozen=True, slots=True)
class Post:
    """Whose browser sends what, to which object."""

    who: Official | Browser
    args: tuple[Any, ...] = ()
    fields: dict[str, Any] = field(default_factory=dict)
    json: Any = None

    def send(self, route: str) -> Any:
        browser = self.who if isinstance(self.who, Browser) else self.who.browser
        url = reverse(route, args=self.args)
        if self.json is not None:
            return browser.post(url, json.dumps(self.json), content_type="application/json")
        return browser.post(url, self.fields)


@dataclass(frozen=True, slots=True)
class Change:
    action: str
    prepare: Callable[[Stage], Post]


CHANGES: dict[str, Change] = {}


def leaves(action: str, route: str) -> Callable[[Callable[[Stage], Post]], Callable[[Stage], Post]]:
    """The route's own way to be prepared; routes are named as `reverse` knows them in the portal."""

    def keep(prepare: Callable[[Stage], Post]) -> Callable[[Stage], Post]:
        CHANGES[route] = Change(action, prepare)
        return prepare

    return keep


# --- the way in ------------------------------------------------------------------------------------------


def code_of(seed: bytes, *, steps: int = 0) -> str:
    return f"{TOTP(seed, drift=steps).token():06d}"


def recovery_of(stage: Stage) -> list[str]:
    """The editor has an app by now."""
    return factors.add_authenticator(
        staff=stage.editor.staff, seed=SEED, code=code_of(SEED, steps=-1), name="手机", origin=None
    )


@leaves("auth.login", "login")
def login(stage: Stage) -> Post:
    return Post(Browser(), fields={"username": stage.editor.staff.username, "password": PASSWORD, "next": ""})


@leaves("auth.login", "second")
def second(stage: Stage) -> Post:
    recovery_of(stage)
    browser = Browser()
    fields = {"username": "editor", "password": PASSWORD, "next": ""}
    browser.post(reverse("admin:login"), fields)
    return Post(browser, fields={"code": code_of(SEED)})


@leaves("auth.logout", "logout")
def logout(stage: Stage) -> Post:
    return Post(stage.editor)


@leaves("staff.password_changed", "password_change")
def password_change(stage: Stage) -> Post:
    fields = {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    return Post(stage.editor, fields=fields)


@leaves("factor.added", "factor-code")
def factor_code(stage: Stage) -> Post:
    stage.editor.see("factor-code")
    sealed = stage.editor.browser.session["new_seed"]
    seed = factors.unseal(sealed, purpose=f"new-totp:{stage.editor.staff.pk}")
    return Post(stage.editor, fields={"name": "手机", "code": code_of(seed)})


@leaves("factor.codes_made", "factor-recovery")
def factor_recovery(stage: Stage) -> Post:
    return Post(stage.editor, fields={"password": PASSWORD, "code": recovery_of(stage)[0]})


@leaves("factor.removed", "factor-remove")
def factor_remove(stage: Stage) -> Post:
    given = recovery_of(stage)[0]
    app = stage.editor.staff.authenticators.get()
    return Post(stage.editor, ("totp", app.pk), {"password": PASSWORD, "code": given})


@leaves("staff.created", "beginning")
def beginning(stage: Stage) -> Post:
    opened, browser = bootstrap.open_account(), Browser()
    browser.post(reverse("admin:login"), {"username": "bootstrap", "password": opened.password})
    passwords = {"old_password": opened.password, "new_password1": NEW_PASSWORD}
    browser.post(reverse("admin:password_change"), {**passwords, "new_password2": NEW_PASSWORD})
    people = {
        f"{role}_{part}": f"{role[:6].replace('_', '')}{'' if part == 'username' else '先生'}"
        for role in bootstrap.ADMINISTRATORS
        for part in ("username", "display_name")
    }
    return Post(browser, fields=people)


# --- accounts, departments, voices -----------------------------------------------------------------------


def department() -> Organisation:
    return Organisation.objects.get(code="default")


@leaves("staff.created", "accounts_staff_add")
def staff_add(stage: Stage) -> Post:
    fields = {"username": "zhang", "display_name": "张三", "organisation": department().pk}
    return Post(stage.system_admin, fields=fields)


@leaves("staff.disabled", "accounts_staff_change")
def staff_change(stage: Stage) -> Post:
    staff = stage.editor.staff
    fields = {"display_name": staff.display_name, "organisation": staff.organisation_id}
    return Post(stage.system_admin, (staff.pk,), fields)


@leaves("organisation.created", "accounts_organisation_add")
def organisation_add(stage: Stage) -> Post:
    return Post(stage.system_admin, fields={"name": "民政局", "code": "mz", "is_active": "on"})


@leaves("organisation.changed", "accounts_organisation_change")
def organisation_change(stage: Stage) -> Post:
    admin = stage.system_admin
    return Post(admin, (department().pk,), {"name": "民政局", "is_active": "on", "calls_at_once": "5"})


@leaves("speaker.changed", "speaker-change")
def speaker_change(stage: Stage) -> Post:
    fields = {
        "name": "清和",
        "name_en": "Qinghe",
        "gender": "female",
        "description": "",
        "languages": ["zh-CN"],
    }
    return Post(stage.system_admin, ("qinghe",), fields)


@leaves("speaker.ordered", "speaker-order")
def speaker_order(stage: Stage) -> Post:
    return Post(stage.system_admin, fields={"codes": "tone,qinghe"})


@leaves("organisation.changed", "speaker-defaults")
def speaker_defaults(stage: Stage) -> Post:
    chosen = {"platform-voice": "tone", f"organisation-{department().code}-voice": "qinghe"}
    return Post(stage.system_admin, fields=chosen)


@leaves("voice.changed", "speaker-default")
def speaker_default(stage: Stage) -> Post:
    return Post(stage.system_admin, ("qinghe",))


@leaves("voice.disabled", "speaker-off")
def speaker_off(stage: Stage) -> Post:
    return Post(stage.system_admin, ("qinghe",))


@leaves("voice.enabled", "speaker-on")
def speaker_on(stage: Stage) -> Post:
    Voice.objects.filter(code="qinghe").update(is_active=False)
    return Post(stage.system_admin, ("qinghe",))


@leaves("voice.licence_cleared", "speaker-licence")
def speaker_licence(stage: Stage) -> Post:
    return Post(stage.system_admin, ("qinghe",), {"note": "授权书 2026-11"})


@leaves("voice.emotions_offered", "voice-emotions")
def voice_emotions(stage: Stage) -> Post:
    return Post(stage.system_admin, (Voice.objects.get(code="tone").pk,), {"emotion": ["neutral"]})


@leaves("voice.promoted", "voice-versions")
def voice_versions(stage: Stage) -> Post:
    voice = Voice.objects.get(code="tone")
    versions.propose(voice=voice, model="newer", actor=SYSTEM, origin=None)
    return Post(stage.system_admin, (voice.pk,), {"deed": "promote"})


# --- security --------------------------------------------------------------------------------------------


@leaves("role.granted", "grant-role")
def grant_role(stage: Stage) -> Post:
    return Post(stage.security_admin, (stage.pending.staff.pk,), {"role": "editor"})


@leaves("staff.password_reset", "grant-password")
def grant_password(stage: Stage) -> Post:
    return Post(stage.security_admin, (stage.editor.staff.pk,))


@leaves("staff.unlocked", "grant-unlock")
def grant_unlock(stage: Stage) -> Post:
    AccessAttempt.objects.create(
        username=stage.editor.staff.username, ip_address="10.0.0.1", failures_since_start=5
    )
    return Post(stage.security_admin, (stage.editor.staff.pk,))


@leaves("factor.reset", "grant-factors")
def grant_factors(stage: Stage) -> Post:
    recovery_of(stage)
    return Post(stage.security_admin, (stage.editor.staff.pk,))


@leaves("policy.proposed", "policy-propose")
def policy_propose(stage: Stage) -> Post:
    current = policy.current()
    fields = {name: getattr(current, name) for name in Policy.BOUNDS}
    return Post(stage.security_admin, fields={**fields, "lock_failures": 3, "reason": "收紧"})


@leaves("policy.confirmed", "policy-decide")
def policy_decide(stage: Stage) -> Post:
    policy_propose(stage).send("admin:policy-propose")
    return Post(stage.system_admin, (Policy.objects.get().pk,), {"decision": "confirm"})


# --- client systems --------------------------------------------------------------------------------------


def client() -> Client:
    found = Client.objects.filter(code="hotline").first()
    return found or open_hotline(organisation=department()).row


def client_fields(**changed: Any) -> dict[str, Any]:
    return {
        "name": "窗口叫号",
        "organisation": department().pk,
        "response": "audio",
        "calls_per_second": 20,
        "calls_per_minute": 600,
        "calls_at_once": 20,
        "characters_per_day": 1000,
        **changed,
    }


CATEGORY = {
    "name": "交通提示",
    "emotions": ["neutral", "serious"],
    "default_emotion": "serious",
    "default_intensity": "1.0",
    "position": "9",
}


@leaves("category.created", "category-new")
def category_new(stage: Stage) -> Post:
    return Post(stage.security_admin, fields=CATEGORY | {"code": "traffic"})


@leaves("category.changed", "category-change")
def category_change(stage: Stage) -> Post:
    return Post(stage.security_admin, ("notice",), CATEGORY | {"name": "政务通知"})


@leaves("client.created", "client-new")
def client_new(stage: Stage) -> Post:
    return Post(stage.security_admin, fields=client_fields(code="window", networks="10.1.0.0/16"))


@leaves("client.changed", "client-change")
def client_change(stage: Stage) -> Post:
    return Post(stage.security_admin, (client().code,), client_fields())


@leaves("client.disabled", "client-switch")
def client_switch(stage: Stage) -> Post:
    return Post(stage.security_admin, (client().code,))


@leaves("network.changed", "client-network-add")
def network_add(stage: Stage) -> Post:
    return Post(stage.security_admin, (client().code,), {"network": "192.0.2.7"})


@leaves("network.changed", "client-network-remove")
def network_remove(stage: Stage) -> Post:
    return Post(stage.security_admin, (client().code,), {"network": "127.0.0.1/32"})


@leaves("webhook.changed", "client-webhook")
def webhook(stage: Stage) -> Post:
    return Post(stage.security_admin, (client().code,), {"url": "https://hotline.example.gov.cn/"})


@leaves("webhook.removed", "client-webhook-remove")
def webhook_remove(stage: Stage) -> Post:
    set_webhook(client=client(), url="https://hotline.example.gov.cn/", actor=SYSTEM, origin=None)
    return Post(stage.security_admin, (client().code,))


@leaves("key.issued", "client-key-issue")
def key_issue(stage: Stage) -> Post:
    return Post(stage.security_admin, (client().code,), {"days": "90"})


@leaves("key.revoked", "client-key-revoke")
def key_revoke(stage: Stage) -> Post:
    return Post(stage.security_admin, (client().code, ApiKey.objects.get().prefix))


@leaves("access_key.issued", "client-access-key-issue")
def access_key_issue(stage: Stage) -> Post:
    return Post(stage.security_admin, (client().code,), {"days": "90"})


@leaves("access_key.revoked", "client-access-key-revoke")
def access_key_revoke(stage: Stage) -> Post:
    row = issue_access_key(client=client(), expires_at=None, actor=SYSTEM, origin=None).row
    return Post(stage.security_admin, (client().code, row.key_id))


def token_number() -> str:
    kind = ApiKey.Kind.SECRET
    key = issue_key(client=client(), expires_at=None, actor=SYSTEM, origin=None, kind=kind).key
    return issue_token(secret=find_secret(client=client().code, secret=key), origin=None).claims.jti


@leaves("token.revoked", "client-token-revoke")
def token_revoke(stage: Stage) -> Post:
    return Post(stage.security_admin, (client().code, token_number()))


@leaves("token.all_revoked", "client-tokens-revoke")
def tokens_revoke(stage: Stage) -> Post:
    token_number()
    return Post(stage.security_admin, (client().code,))


# --- the desk and broadcasts -----------------------------------------------------------------------------


@leaves("preview.requested", "desk-speak")
def desk_speak(stage: Stage) -> Post:
    body = {
        "text": "您好。", "voice": "tone", "emotion": "neutral", "intensity": 1.0, "rate": 1.0, "pitch": 0.0,
        "volume": 50,
    }  # fmt: skip
    return Post(stage.editor, json=body)


@leaves("broadcast.created", "broadcast-new")
def broadcast_new(stage: Stage) -> Post:
    return Post(stage.editor, fields=broadcasts.FIELDS | {"step": ""})


@leaves("broadcast.edited", "broadcast-edit")
def broadcast_edit(stage: Stage) -> Post:
    code = broadcasts.draft(stage.editor).code
    return Post(stage.editor, (code,), broadcasts.FIELDS | {"title": "另一个标题", "step": ""})


@leaves("broadcast.approved", "broadcast-approve")
def broadcast_approve(stage: Stage) -> Post:
    broadcast = broadcasts.submitted(stage.editor)
    sha256 = {"sha256": broadcasts.sha256_of(broadcast)}
    stage.reviewer.press("broadcast-heard", broadcast.code, **sha256)
    return Post(stage.reviewer, (broadcast.code,), sha256)


@leaves("broadcast.returned", "broadcast-return")
def broadcast_return(stage: Stage) -> Post:
    return Post(stage.reviewer, (broadcasts.submitted(stage.editor).code,), {"reason": "时间写错了"})


@leaves("broadcast.returned", "broadcast-take-back")
def broadcast_take_back(stage: Stage) -> Post:
    return Post(stage.reviewer, (approved(stage).code,), {"reason": "时间变了"})


@leaves("broadcast.published", "broadcast-publish")
def broadcast_publish(stage: Stage) -> Post:
    return Post(stage.reviewer, (approved(stage).code,))


@leaves("broadcast.withdrawn", "broadcast-withdraw")
def broadcast_withdraw(stage: Stage) -> Post:
    return Post(stage.reviewer, (broadcasts.published(stage.editor, stage.reviewer).code,))


def approved(stage: Stage) -> Broadcast:
    return broadcasts.approved(stage.editor, stage.reviewer)


# --- readings --------------------------------------------------------------------------------------------


@leaves("lexicon.proposed", "lexicon-new")
def lexicon_new(stage: Stage) -> Post:
    return Post(stage.editor, fields=lexicon.POSTED)


@leaves("lexicon.imported", "lexicon-import")
def lexicon_import(stage: Stage) -> Post:
    table = "词语,读音\n单县,shan4 xian4\n".encode()
    return Post(stage.editor, fields={"file": SimpleUploadedFile("words.csv", table)})


@leaves("lexicon.changed", "lexicon-change")
def lexicon_change(stage: Stage) -> Post:
    entry = lexicon.in_force(stage.editor, stage.reviewer)
    return Post(stage.editor, (entry.pk,), lexicon.POSTED | {"reading": "guǎn wǎng"})


@leaves("lexicon.approved", "lexicon-approve")
def lexicon_approve(stage: Stage) -> Post:
    return Post(stage.reviewer, (lexicon.proposed(stage.editor).pk,))


@leaves("lexicon.refused", "lexicon-refuse")
def lexicon_refuse(stage: Stage) -> Post:
    return Post(stage.reviewer, (lexicon.proposed(stage.editor).pk,), {"reason": "不妥"})


@leaves("lexicon.retired", "lexicon-retire")
def lexicon_retire(stage: Stage) -> Post:
    return Post(stage.reviewer, (lexicon.in_force(stage.editor, stage.reviewer).pk,), {"reason": "不用了"})


@leaves("rendition.made", "lexicon-respeak")
def lexicon_respeak(stage: Stage) -> Post:
    broadcasts.with_audio(stage.editor)
    return Post(stage.reviewer, (lexicon.in_force(stage.editor, stage.reviewer).pk,))


# --- word lists ------------------------------------------------------------------------------------------

SETTINGS: dict[str, Any] = {
    "name": "内部用语", "category": "other", "level": "block", "place": "all:", "is_enabled": "on",
    "effective_from": "2026-01-01", "effective_to": "", "reason": "内部规定", "basis": "",
    "folds": ["case"], "gap": "8",
}  # fmt: skip


def of(version: ListVersion) -> tuple[int, int]:
    return version.word_list_id, version.number


def a_draft(stage: Stage, *words: str) -> tuple[int, int]:
    return of(screening.draft(stage.security_admin, *words))


def a_proposal(stage: Stage) -> tuple[int, int]:
    return of(screening.pending(stage.security_admin, "内情"))


def in_force(stage: Stage) -> tuple[int, int]:
    return of(screening.in_force(stage.security_admin, stage.reviewer, "内情"))


@leaves("wordlist.created", "wordlist-new")
def wordlist_new(stage: Stage) -> Post:
    return Post(stage.security_admin, fields=SETTINGS)


@leaves("wordlist.drafted", "wordlist-draft")
def wordlist_draft(stage: Stage) -> Post:
    return Post(stage.security_admin, (in_force(stage)[0],))


@leaves("wordlist.changed", "wordlist-settings")
def wordlist_settings(stage: Stage) -> Post:
    return Post(stage.security_admin, a_draft(stage), SETTINGS)


@leaves("wordlist.changed", "wordlist-words")
def wordlist_words(stage: Stage) -> Post:
    return Post(stage.security_admin, a_draft(stage), {"words": "内情"})


@leaves("wordlist.changed", "wordlist-words-drop")
def wordlist_words_drop(stage: Stage) -> Post:
    return Post(stage.security_admin, a_draft(stage, "甲词", "乙词"), {"word": ["甲词"]})


@leaves("wordlist.changed", "wordlist-allowed")
def wordlist_allowed(stage: Stage) -> Post:
    return Post(stage.security_admin, a_draft(stage, "内情"), {"allowed": "了解内情"})


RULE = {"kind": "number", "value": "10", "level": "review", "reason": ""}


@leaves("wordlist.changed", "wordlist-rule")
def wordlist_rule(stage: Stage) -> Post:
    return Post(stage.security_admin, a_draft(stage), RULE)


@leaves("wordlist.changed", "wordlist-rule-drop")
def wordlist_rule_drop(stage: Stage) -> Post:
    number = a_draft(stage)
    stage.security_admin.press("wordlist-rule", *number, **RULE)
    (rule,) = vault.take(ListVersion.objects.get(word_list=number[0], number=number[1])).rules
    return Post(stage.security_admin, number, {"key": rule.key})


@leaves("wordlist.imported", "wordlist-import")
def wordlist_import(stage: Stage) -> Post:
    words = SimpleUploadedFile("words.txt", "甲词\n".encode())
    return Post(stage.security_admin, a_draft(stage), {"file": words})


@leaves("wordlist.submitted", "wordlist-submit")
def wordlist_submit(stage: Stage) -> Post:
    return Post(stage.security_admin, a_draft(stage, "内情"))


@leaves("wordlist.approved", "wordlist-approve")
def wordlist_approve(stage: Stage) -> Post:
    return Post(stage.reviewer, a_proposal(stage))


@leaves("wordlist.refused", "wordlist-refuse")
def wordlist_refuse(stage: Stage) -> Post:
    return Post(stage.reviewer, a_proposal(stage), {"reason": "过宽"})


@leaves("wordlist.discarded", "wordlist-discard")
def wordlist_discard(stage: Stage) -> Post:
    return Post(stage.security_admin, a_draft(stage, "内情"))


@leaves("wordlist.restored", "wordlist-restore")
def wordlist_restore(stage: Stage) -> Post:
    first = in_force(stage)
    stage.security_admin.press("wordlist-draft", first[0])
    stage.security_admin.press("wordlist-words", first[0], 2, words="新词")
    stage.security_admin.press("wordlist-submit", first[0], 2)
    stage.reviewer.press("wordlist-approve", first[0], 2)
    return Post(stage.security_admin, first)


@leaves("review.passed_once", "review-decide")
def review_decide(stage: Stage) -> Post:
    return Post(stage.reviewer, (held().code,), {"decision": "once", "reason": ""})


@leaves("review.revoked", "review-revoke")
def review_revoke(stage: Stage) -> Post:
    code = held().code
    stage.reviewer.press("review-decide", code, decision="always", reason="")
    return Post(stage.reviewer, (code,))


# --- evidence --------------------------------------------------------------------------------------------


@leaves("audit.export_requested", "evidence-export")
def evidence_export(stage: Stage) -> Post:
    return Post(stage.auditor, fields={"format": "csv"})


@leaves("audit.export_cancelled", "evidence-export-cancel")
def evidence_export_cancel(stage: Stage) -> Post:
    evidence_export(stage).send("admin:evidence-export")
    return Post(stage.auditor, (Export.objects.get().pk,))


@leaves("audit.held", "evidence-held")
def evidence_held(stage: Stage) -> Post:
    month = timezone.localdate().strftime("%Y-%m")
    return Post(stage.auditor, (month,), {"act": "hold", "reason": "案件 2026-11"})


@leaves("audit.revealed", "evidence-original")
def evidence_original(stage: Stage) -> Post:
    client()  # which leaves a line
    return Post(stage.auditor, (Event.objects.latest("id").pk,))


@leaves("audit.verification_requested", "evidence-integrity-verify")
def evidence_verify(stage: Stage) -> Post:
    cache.delete("audit:verification")
    return Post(stage.auditor)


@leaves("audit.head_compared", "evidence-integrity")
def evidence_compare(stage: Stage) -> Post:
    names = ("root_sha256", "root_sm3", "previous", "frontier_sha256", "frontier_sm3")
    hashes = dict.fromkeys(names, bytes(32))
    signature = {"algorithm": "ed25519", "key_id": "0" * 16, "signature": "00" * 64}
    head = TreeHead.objects.create(
        number=0, at=timezone.now(), origin="log", size=0, signatures=[signature], **hashes
    )
    return Post(stage.auditor, fields={"head": head_text(head)})
