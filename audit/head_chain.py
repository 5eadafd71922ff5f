"""The chain of tree heads, as it stands in the database and as it had left it.

Looked for is a head that is missing, unsigned, signed by fewer algorithms than before, out of its chain, or
another than the published one. A head may be earlier than the one before only where the clock was set back on
record (audit.clock).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from audit.canonical import head_bytes
from audit.clock import SealedStep, between, explains
from audit.digests import HASH_BYTES, sha256
from audit.errors import HeadsUnreadable
from audit.findings import Outcome
from audit.models import SealKey, TreeHead
from audit.offline import program
from audit.published import Published, Witness
from audit.signers import is_valid, key_id

_BATCH = 2000
# The sealer writes a head to the database first and to the file a moment later.
_HEAD_FILE_DELAY = timedelta(minutes=1)


class Heads:
    """The chain of heads, each checked for itself, against the one before, and against published ones."""

    def __init__(
        self,
        outcome: Outcome,
        witnesses: list[Witness],
        *,
        steps: Sequence[SealedStep],
        archived: Callable[[int, int], bool],
    ) -> None:
        """`steps` are those of the clock; `archived` says whether events of places a to b - 1 are away."""
        self._outcome = outcome
        self._witnesses = witnesses
        self._steps = steps
        self._archived = archived
        self._keys = Keys()
        for name in self._keys.misnamed:
            outcome.add("bad_key", _("公钥 %s 与其编号不符") % name)
        self._before: TreeHead | None = None
        self._algorithms: set[str] = set()

    def checked(self, since: datetime | None) -> Iterator[TreeHead]:
        """All heads in their order; from the newest one before `since` on, if there is such."""
        stored = TreeHead.objects.order_by("number")
        if since is not None:
            # By numbers: a clock that was set back passes a time twice.
            after = stored.filter(at__gt=since).first()
            before = (stored.filter(number__lt=after.number) if after else stored).last()
            stored = stored.filter(number__gte=before.number) if before else stored
        for head in stored.iterator(chunk_size=_BATCH):
            self._check(head)
            self._before = head
            yield head

    def close(self) -> None:
        """What was published and is not here."""
        last, size = (self._before.number, self._before.size) if self._before else (-1, 0)
        for witness in list(self._witnesses):
            missing = self._asked(witness, last + 1)
            if missing is not None:
                message = _("已公布的第 %(number)d 号树头（%(size)d 条）不在库中：尾部被删除或数据库被回退")
                numbers = {"number": missing.number, "size": missing.size}
                self._outcome.add("head_gone", message % numbers, seq=size)

    def _asked(self, witness: Witness, number: int) -> Published | None:
        try:
            return witness.first_from(number)
        except HeadsUnreadable as error:
            self._witnesses.remove(witness)
            self._outcome.add("heads_unreadable", _("树头文件无法读取：%s") % error)
            return None

    def _check(self, head: TreeHead) -> None:
        self._outcome.heads += 1
        self._outcome.head = head.number
        self._check_signatures(head)
        self._check_link(head)
        for witness in list(self._witnesses):
            self._compare(head, witness)

    def _say(self, code: str, message: str, head: TreeHead) -> None:
        said = _("第 %(number)d 号树头：%(message)s") % {"number": head.number, "message": message}
        self._outcome.add(code, said, seq=self._before.size if self._before else 0)

    def _check_signatures(self, head: TreeHead) -> None:
        message, signed = head_bytes(head), set[str]()
        for signature in head.signatures:
            if not self._keys.holds(signature, message):
                self._say("bad_signature", _("签名无效"), head)
            signed.add(str(signature.get("algorithm")))
        if not signed:
            self._say("unsigned", _("没有签名"), head)
        elif missing := self._algorithms - signed:
            self._say("downgrade", _("缺少 %s 签名（算法降级）") % ", ".join(sorted(missing)), head)
        self._algorithms = signed or self._algorithms

    def _check_link(self, head: TreeHead) -> None:
        before = self._before
        if before is None:
            if head.number == 0 and bytes(head.previous) != bytes(HASH_BYTES):
                self._say("bad_chain", _("第一个树头不应有前项"), head)
            if head.number > 0 and not TreeHead.objects.filter(number=head.number - 1).exists():
                self._say("head_gap", _("前面缺少树头"), head)
            return
        if head.number != before.number + 1:
            self._say("head_gap", _("前面缺少树头"), head)
        elif bytes(head.previous) != sha256(head_bytes(before)):
            self._say("bad_chain", _("与前一树头不衔接"), head)
        if head.size < before.size or head.origin != before.origin or self._is_dated_back(before, head):
            self._say("head_shrinks", _("比前一树头更小、更早，或来自另一套系统"), head)

    def _is_dated_back(self, before: TreeHead, head: TreeHead) -> bool:
        if head.at >= before.at:
            return False
        if self._archived(before.size, head.size):
            message = _("第 %d 号树头早于前一树头；其间的事件在归档中，归档时已校验")
            self._outcome.notes.append(message % head.number)
            return False
        return not explains(between(self._steps, before.size, head.size), before.at, head.at)

    def _compare(self, head: TreeHead, witness: Witness) -> None:
        known = self._asked(witness, head.number)
        until = witness.complete_until
        if known is not None and known.number == head.number:
            self._outcome.published += 1
            if known.hash != sha256(head_bytes(head)):
                self._contradicted(head, known)
        elif until is not None and head.at < until - _HEAD_FILE_DELAY and witness in self._witnesses:
            self._say("head_file_cut", _("不在树头文件中：文件被截断或替换"), head)

    def _contradicted(self, head: TreeHead, known: Published) -> None:
        """A witness that nobody signed accuses nobody; that it was changed is worth saying all the same."""
        if self._keys.signed(known):
            self._say("other_head", _("与已公布的树头不同，日志被重建过"), head)
        else:
            self._say("bad_witness", _("树头文件中的这一行被改动过（签名无效）"), head)


class Keys:
    """The public keys of the log. SM2 is checked by the offline program, which is made for thousands."""

    def __init__(self) -> None:
        stored = list(SealKey.objects.all())
        self._keys = {key.key_id: key for key in stored if key_id(bytes(key.public)) == key.key_id}
        self.misnamed = [key.key_id for key in stored if key.key_id not in self._keys]

    def holds(self, signature: dict[str, Any], message: bytes) -> bool:
        key = self._keys.get(str(signature.get("key_id")))
        if key is None or key.algorithm != signature.get("algorithm"):
            return False
        try:
            signed = bytes.fromhex(signature["signature"])
            if key.algorithm == "sm2":
                return bool(program().Key(bytes(key.public)).verifies(message, signed))
            return is_valid(signed, message, algorithm=key.algorithm, public=bytes(key.public))
        except (ValueError, KeyError, TypeError):
            return False

    def signed(self, head: Published) -> bool:
        signatures = head.record.get("signatures")
        if not isinstance(signatures, list) or not signatures:
            return False
        return all(isinstance(one, dict) and self.holds(one, head.message) for one in signatures)
