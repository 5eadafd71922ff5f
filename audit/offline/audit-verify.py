#!/usr/bin/env python3
"""离线校验审计导出文件 / checks an export of the audit log, away from the platform that made it.

One file, Python 3.8 or later, nothing but its standard library, any system:

    python audit-verify.py FILE.zip [--key KEY]... [--head FILE]... [--event ID] [--json]

It takes nothing on trust that it can compute: each event's canonical form (RFC 8785), its leaf in both
trees (SHA-256 and SM3), the root of every head (RFC 6962), every signature (Ed25519 by RFC 8032, SM2 by
GB/T 32918), the chain of heads, and the manifest. It neither unpacks nor writes anything, and holds a few
megabytes however large the file is.

Exit status: 0 nothing was altered, 1 altered (the first bad event is named), 2 cannot tell (the reason is
named), 3 wrong usage.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
import zipfile
import zlib
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring
from typing import (
    Any,
    BinaryIO,
    Callable,
    Dict,
    FrozenSet,
    Iterable,
    Iterator,
    List,
    NamedTuple,
    NoReturn,
    Optional,
    Sequence,
    Tuple,
)

BUNDLE, PROOF = "govvoice-audit-1", "govvoice-proof-1"
OK, TAMPERED, UNCLEAR, USAGE = 0, 1, 2, 3

# What a file may claim before it is taken for an attack on this program rather than for evidence.
MOST_LEAVES = 1 << 40
MOST_MEMBERS = 1000
MOST_ENTRIES = 100
LARGEST_PART = 16 << 20
LONGEST_LINE = 1 << 20
MOST_STEPS = 100_000
STEEPEST_RATIO = 300  # real events shrink by ten, a bomb by a thousand
MOST_FINDINGS = 50
BLOCK = 1 << 20
SLOW_SM3_LEAVES = 2000  # as many as pure Python hashes in a few seconds

# What is said of a step of the clock: how exact its times are, how soon its event was written, how long
# nobody may have looked before, and how soon a head has to follow.
STEP_SLACK = timedelta(seconds=3)
STEP_NOTICED = timedelta(minutes=1)
STEP_UNSEEN = timedelta(hours=1, minutes=1)
STEP_TO_HEAD = timedelta(hours=1)
MOST_NOTES = 20


class Finding(NamedTuple):
    """One thing that is wrong (status TAMPERED) or could not be settled (UNCLEAR)."""

    status: int
    code: str
    zh: str
    en: str
    seq: Optional[int] = None
    event: Optional[int] = None


class Problem(Exception):
    """Ends a part of the check with a finding."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.en)
        self.finding = finding


def tampered(code: str, zh: str, en: str, seq: Optional[int] = None, event: Optional[int] = None) -> Problem:
    return Problem(Finding(TAMPERED, code, zh, en, seq, event))


def unclear(code: str, zh: str, en: str) -> Problem:
    return Problem(Finding(UNCLEAR, code, zh, en))


class Report:
    """What was checked and what was found."""

    def __init__(self) -> None:
        self.findings: List[Finding] = []
        self.found = {TAMPERED: 0, UNCLEAR: 0}
        self.notes: List[Tuple[str, str]] = []
        self.checked: Dict[str, Any] = {}
        self.keys: List[Dict[str, Any]] = []
        self.event: Optional[Dict[str, Any]] = None

    def add(self, finding: Finding) -> None:
        self.found[finding.status] += 1
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)

    def note(self, zh: str, en: str) -> None:
        self.notes.append((zh, en))

    def trying(self, part: Callable[[], None]) -> bool:
        """Runs one part of the check; whether it went through."""
        try:
            part()
        except Problem as problem:
            self.add(problem.finding)
            return False
        return True

    @property
    def status(self) -> int:
        return TAMPERED if self.found[TAMPERED] else UNCLEAR if self.found[UNCLEAR] else OK

    @property
    def first_bad(self) -> Optional[Finding]:
        """The finding with the lowest place in the log; one that names a range comes last."""
        bad = [finding for finding in self.findings if finding.status == TAMPERED]
        return min(bad, key=_place_of) if bad else None


def _place_of(finding: Finding) -> Tuple[int, int]:
    vague = finding.seq is None or finding.code in ("wrong_root", "other_head")
    return int(vague), MOST_LEAVES if finding.seq is None else finding.seq


# --- SM3 (GB/T 32905) -----------------------------------------------------------------------------

_WORD = 0xFFFFFFFF
_SM3_START = (
    0x7380166F,
    0x4914B2B9,
    0x172442D7,
    0xDA8A0600,
    0xA96F30BC,
    0x163138AA,
    0xE38DEE4D,
    0xB0FB0E4E,
)


def _left(word: int, by: int) -> int:
    by %= 32
    return ((word << by) | (word >> (32 - by))) & _WORD


def _sm3_block(state: Tuple[int, ...], block: bytes) -> Tuple[int, ...]:
    words = [int.from_bytes(block[i : i + 4], "big") for i in range(0, 64, 4)]
    for j in range(16, 68):
        mixed = words[j - 16] ^ words[j - 9] ^ _left(words[j - 3], 15)
        spread = mixed ^ _left(mixed, 15) ^ _left(mixed, 23)
        words.append(spread ^ _left(words[j - 13], 7) ^ words[j - 6])
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        constant = 0x79CC4519 if j < 16 else 0x7A879D8A
        turned = _left(a, 12)
        ss1 = _left((turned + e + _left(constant, j)) & _WORD, 7)
        ff = a ^ b ^ c if j < 16 else (a & b) | (a & c) | (b & c)
        gg = e ^ f ^ g if j < 16 else (e & f) | (~e & _WORD & g)
        tt1 = (ff + d + (ss1 ^ turned) + (words[j] ^ words[j + 4])) & _WORD
        tt2 = (gg + h + ss1 + words[j]) & _WORD
        a, b, c, d, e, f, g, h = (
            tt1,
            a,
            _left(b, 9),
            c,
            tt2 ^ _left(tt2, 9) ^ _left(tt2, 17),
            e,
            _left(f, 19),
            g,
        )
    return tuple(old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h)))


def slow_sm3(data: bytes) -> bytes:
    """SM3 in plain Python, for where the system's OpenSSL has none: right, and ten thousand times slower."""
    state: Tuple[int, ...] = _SM3_START
    padded = data + b"\x80" + bytes((55 - len(data)) % 64) + (8 * len(data)).to_bytes(8, "big")
    for start in range(0, len(padded), 64):
        state = _sm3_block(state, padded[start : start + 64])
    return b"".join(word.to_bytes(4, "big") for word in state)


def _openssl_sm3() -> Optional[Callable[[bytes], bytes]]:
    try:
        fresh = hashlib.new("sm3")
    except ValueError:
        return None

    def digest(data: bytes) -> bytes:
        one = fresh.copy()  # quicker than looking the algorithm up by its name each time
        one.update(data)
        return one.digest()

    return digest


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


_fast_sm3 = _openssl_sm3()
SM3_IS_FAST = _fast_sm3 is not None
sm3: Callable[[bytes], bytes] = _fast_sm3 or slow_sm3
HASHES: Dict[str, Callable[[bytes], bytes]] = {"sha256": sha256, "sm3": sm3}

# --- Ed25519 (RFC 8032), verification only --------------------------------------------------------

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_Point = Tuple[int, int, int, int]  # X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z
_NEUTRAL: _Point = (0, 1, 1, 0)
_WINDOW = 6  # bits of a scalar taken at once


def _ed_add(p: _Point, q: _Point) -> _Point:
    a = (p[1] - p[0]) * (q[1] - q[0]) % _P
    b = (p[1] + p[0]) * (q[1] + q[0]) % _P
    c = 2 * p[3] * q[3] * _D % _P
    d = 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _ed_point(encoded: bytes) -> Optional[_Point]:
    """The point that 32 bytes stand for (section 5.1.3); None when they stand for none."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


def _ed_bytes(point: _Point) -> bytes:
    inverse = pow(point[2], _P - 2, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _multiples(point: Any, neutral: Any, add: Callable[[Any, Any], Any]) -> List[List[Any]]:
    """For each window of a 256-bit scalar the multiples it may ask for: one key signs thousands of heads."""
    rows = []
    for _ in range(0, 256, _WINDOW):
        row = [neutral]
        for _ in range(2**_WINDOW - 1):
            row.append(add(row[-1], point))
        rows.append(row)
        point = add(row[-1], point)
    return rows


def _scaled(scalar: int, rows: List[List[Any]], total: Any, add: Callable[[Any, Any], Any]) -> Any:
    """`total` plus the scalar times the point of the rows."""
    for row in rows:
        digit = scalar & (2**_WINDOW - 1)
        if digit:
            total = add(total, row[digit])
        scalar >>= _WINDOW
    return total


class Ed25519Key:
    """A public key of 32 bytes. Raises ValueError for bytes that are no point."""

    _base: Optional[List[List[_Point]]] = None

    def __init__(self, public: bytes) -> None:
        point = _ed_point(public) if len(public) == 32 else None
        if point is None:
            raise ValueError("no Ed25519 key")
        self.public = public
        self._negative = _multiples((-point[0] % _P, point[1], 1, -point[3] % _P), _NEUTRAL, _ed_add)
        if Ed25519Key._base is None:
            base = _ed_point((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little"))
            Ed25519Key._base = _multiples(base, _NEUTRAL, _ed_add)

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Section 5.1.7, S below L demanded, so that no second signature can be made of one."""
        scalar = int.from_bytes(signature[32:], "little")
        if len(signature) != 64 or scalar >= _L or Ed25519Key._base is None:
            return False
        challenge = hashlib.sha512(signature[:32] + self.public + message).digest()
        k = int.from_bytes(challenge, "little") % _L
        found = _scaled(scalar, Ed25519Key._base, _NEUTRAL, _ed_add)
        return _ed_bytes(_scaled(k, self._negative, found, _ed_add)) == signature[:32]


# --- SM2 (GB/T 32918.2 and .5), verification only -------------------------------------------------

_Q = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_SM2_A = _Q - 3
_SM2_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_GX = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
_GY = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0
_SM2_ID = b"1234567812345678"
_Jacobian = Tuple[int, int, int]  # x = X/Z^2, y = Y/Z^3; Z = 0 is the point at infinity
_INFINITY: _Jacobian = (1, 1, 0)


def _sm2_double(p: _Jacobian) -> _Jacobian:
    x, y, z = p
    yy, zz = y * y % _Q, z * z % _Q
    beta = x * yy % _Q
    alpha = 3 * (x - zz) * (x + zz) % _Q  # holds because a = -3
    x3 = (alpha * alpha - 8 * beta) % _Q
    return x3, (alpha * (4 * beta - x3) - 8 * yy * yy) % _Q, 2 * y * z % _Q


def _sm2_add(p: _Jacobian, q: _Jacobian) -> _Jacobian:
    if not p[2]:
        return q
    if not q[2]:
        return p
    pzz, qzz = p[2] * p[2] % _Q, q[2] * q[2] % _Q
    u1, s1 = p[0] * qzz % _Q, p[1] * q[2] * qzz % _Q
    h, r = (q[0] * pzz - u1) % _Q, (q[1] * p[2] * pzz - s1) % _Q
    if not h:
        return _INFINITY if r else _sm2_double(p)
    hh = h * h % _Q
    hhh, v = h * hh % _Q, u1 * hh % _Q
    x3 = (r * r - hhh - 2 * v) % _Q
    return x3, (r * (v - x3) - s1 * hhh) % _Q, p[2] * q[2] * h % _Q


class Sm2Key:
    """A public key of 64 bytes, x || y. Raises ValueError for a point that is not on the curve."""

    _base: Optional[List[List[_Jacobian]]] = None

    def __init__(self, public: bytes) -> None:
        x, y = int.from_bytes(public[:32], "big"), int.from_bytes(public[32:], "big")
        on_curve = x < _Q and y < _Q and (y * y - x * x * x - _SM2_A * x - _SM2_B) % _Q == 0
        if len(public) != 64 or not on_curve:
            raise ValueError("no SM2 key")
        parameters = b"".join(value.to_bytes(32, "big") for value in (_SM2_A, _SM2_B, _GX, _GY))
        self._identity = sm3((8 * len(_SM2_ID)).to_bytes(2, "big") + _SM2_ID + parameters + public)
        self._rows = _multiples((x, y, 1), _INFINITY, _sm2_add)
        if Sm2Key._base is None:
            Sm2Key._base = _multiples((_GX, _GY, 1), _INFINITY, _sm2_add)

    def verifies(self, message: bytes, signature: bytes) -> bool:
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        t = (r + s) % _N
        if len(signature) != 64 or not 0 < r < _N or not 0 < s < _N or not t or Sm2Key._base is None:
            return False
        point = _scaled(t, self._rows, _scaled(s, Sm2Key._base, _INFINITY, _sm2_add), _sm2_add)
        if not point[2]:
            return False
        x = point[0] * pow(point[2], _Q - 3, _Q) % _Q  # Z^-2
        found = (int.from_bytes(sm3(self._identity + message), "big") + x) % _N
        return bool(found == r)


# --- Keys -----------------------------------------------------------------------------------------

_SPKI = {
    "ed25519": bytes.fromhex("302a300506032b6570032100"),
    "sm2": bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004"),
}
_KEY_BYTES = {"ed25519": 32, "sm2": 64}
_KEY_CLASSES: Dict[str, Callable[[bytes], Any]] = {"ed25519": Ed25519Key, "sm2": Sm2Key}


@lru_cache(maxsize=MOST_ENTRIES)
def _made_ready(algorithm: str, public: bytes) -> Any:
    """The same key may come several times: in the file and from the reader."""
    return _KEY_CLASSES[algorithm](public)


class Key:
    """A public key by its SubjectPublicKeyInfo. Raises ValueError for another kind, or for none."""

    def __init__(self, spki: bytes) -> None:
        for algorithm, prefix in _SPKI.items():
            if spki.startswith(prefix) and len(spki) == len(prefix) + _KEY_BYTES[algorithm]:
                self.algorithm = algorithm
                self._key = _made_ready(algorithm, spki[len(prefix) :])
                break
        else:
            raise ValueError("neither an Ed25519 nor an SM2 public key")
        self.fingerprint = hashlib.sha256(spki).hexdigest()
        self.id = self.fingerprint[:16]

    def verifies(self, message: bytes, signature: bytes) -> bool:
        return bool(self._key.verifies(message, signature))


_HEX = re.compile(r"(?:[0-9a-f]{2})+")


def from_hex(text: Any, size: Optional[int] = None) -> bytes:
    """Lower-case hex of `size` bytes. Raises ValueError."""
    if not isinstance(text, str) or not _HEX.fullmatch(text) or (size and len(text) != 2 * size):
        raise ValueError("not lower-case hex of the right length")
    return bytes.fromhex(text)


class Ring:
    """The keys a file brings, and the ones its reader trusts (`pins`: fingerprints, or their beginnings)."""

    def __init__(self, listed: Any, pins: Sequence[str], extra: Sequence[Key]) -> None:
        self.keys = {key.id: key for key in extra}
        self.pins = [*pins, *(key.fingerprint for key in extra)]
        self.used: Dict[str, Key] = {}
        for entry in _list_of(listed, dict, "keys.json"):
            key = self._read(entry)
            self.keys[key.id] = key

    @staticmethod
    def _read(entry: Dict[str, Any]) -> Key:
        try:
            key = Key(from_hex(entry.get("public")))
        except ValueError as error:
            raise unclear("bad_key", "公钥无法读取", f"a public key cannot be read: {error}") from error
        if entry.get("key_id") != key.id or entry.get("algorithm") != key.algorithm:
            raise tampered(
                "bad_key_id", f"公钥与其编号不符：{key.id}", f"a key does not match its id: {key.id}"
            )
        return key

    def is_pinned(self, key: Key) -> bool:
        return any(key.fingerprint.startswith(pin) for pin in self.pins)

    def check(
        self, what: Tuple[str, str], message: bytes, signatures: Any, needed: FrozenSet[str]
    ) -> FrozenSet[str]:
        """The algorithms that signed, every signature good. `needed`: those that signed what came before."""
        zh, en = what
        signed: Dict[str, Key] = {}
        for entry in _list_of(signatures, dict, f"{en}: signatures"):
            key = self._signer(what, entry)
            if key.id in signed:
                raise tampered("signed_twice", f"{zh}：同一密钥签名两次", f"{en}: signed twice by one key")
            try:
                good = key.verifies(message, from_hex(entry.get("signature"), 64))
            except ValueError:
                good = False
            if not good:
                raise tampered(
                    "bad_signature", f"{zh}：签名无效（密钥 {key.id}）", f"{en}: bad signature of {key.id}"
                )
            signed[key.id] = key
        return self._enough(what, signed, needed)

    def _signer(self, what: Tuple[str, str], entry: Dict[str, Any]) -> Key:
        key = self.keys.get(str(entry.get("key_id")))
        if key is None:
            raise unclear(
                "unknown_key",
                f"{what[0]}：签名密钥不在文件中",
                f"{what[1]}: signed by a key that is not given",
            )
        if entry.get("algorithm") != key.algorithm:
            raise tampered("wrong_algorithm", f"{what[0]}：签名算法不符", f"{what[1]}: wrong algorithm named")
        return key

    def _enough(
        self, what: Tuple[str, str], signed: Dict[str, Key], needed: FrozenSet[str]
    ) -> FrozenSet[str]:
        zh, en = what
        algorithms = frozenset(key.algorithm for key in signed.values())
        if not signed:
            raise tampered("unsigned", f"{zh}：没有签名", f"{en}: no signature")
        if missing := needed - algorithms:
            names = ", ".join(sorted(missing))
            raise tampered(
                "downgrade", f"{zh}：缺少 {names} 签名（算法降级）", f"{en}: no {names} signature any more"
            )
        if self.pins and not any(self.is_pinned(key) for key in signed.values()):
            raise unclear("not_pinned", f"{zh}：不是用指定的密钥签名", f"{en}: not signed by a key you named")
        self.used.update(signed)
        return algorithms


def _list_of(value: Any, kind: type, what: str) -> List[Any]:
    if (
        not isinstance(value, list)
        or len(value) > MOST_ENTRIES
        or not all(isinstance(item, kind) for item in value)
    ):
        raise unclear("bad_list", f"{what}：格式不对", f"{what}: not a list of the right kind")
    return value


# --- RFC 8785, the one way to write a JSON value --------------------------------------------------


def canonical(value: Any) -> str:
    """The canonical text of what json.loads gives. Raises ValueError for NaN and infinities."""
    if isinstance(value, dict):
        ordered = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{encode_basestring(name)}:{canonical(value[name])}" for name in ordered) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, float):
        return _ecmascript(value)
    return json.dumps(value)


def _ecmascript(number: float) -> str:
    """A double as ECMA-262 6.1.6.1.20 prints it: the shortest digits, an exponent outside 1e-7 .. 1e21."""
    if number - number != 0:
        raise ValueError("not a finite number")
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    if number == 0:
        return "0"
    text, point = "".join(map(str, digits)), len(digits) + int(exponent)
    if 0 < point <= 21:
        whole = text[:point].ljust(point, "0")
        shown = f"{whole}.{text[point:]}" if len(text) > point else whole
    elif -6 < point <= 0:
        shown = "0." + "0" * -point + text
    else:
        fraction = f".{text[1:]}" if len(text) > 1 else ""
        shown = f"{text[0]}{fraction}e{point - 1:+d}"
    return f"-{shown}" if sign else shown


def parsed(data: bytes, what: str) -> Any:
    """JSON without a name given twice, at most LARGEST_PART. Raises Problem."""
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise unclear("bad_json", f"{what}：不是有效的 JSON", f"{what}: not valid JSON ({error})") from error


def _unique(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a name is given twice")
    return values


# --- Merkle trees (RFC 6962, RFC 9162) ------------------------------------------------------------

_RUN = 10  # leaves are joined 2**10 at a time where they lie so


class Tree:
    """A tree grown leaf by leaf: of each perfect subtree only the hash is kept."""

    def __init__(
        self, hashed: Callable[[bytes], bytes], size: int = 0, frontier: Sequence[bytes] = ()
    ) -> None:
        self._hash = hashed
        self.size = size
        self._frontier = list(frontier)

    def grow(self, leaves: bytes) -> None:
        """Adds leaf hashes, 32 bytes each."""
        at = 0
        while at < len(leaves):
            full = self.size % (1 << _RUN) == 0 and len(leaves) - at >= 32 << _RUN
            height = _RUN if full else 0
            self._push(self._joined(leaves[at : at + (32 << height)]), height)
            at += 32 << height

    def _joined(self, level: bytes) -> bytes:
        hashed = self._hash
        while len(level) > 32:
            level = b"".join([hashed(b"\x01" + level[i : i + 64]) for i in range(0, len(level), 64)])
        return level

    def _push(self, top: bytes, height: int) -> None:
        carried = self.size >> height
        while carried & 1:
            top = self._hash(b"\x01" + self._frontier.pop() + top)
            carried >>= 1
        self._frontier.append(top)
        self.size += 1 << height

    def root(self) -> bytes:
        if not self._frontier:
            return self._hash(b"")
        top = self._frontier[-1]
        for left in reversed(self._frontier[:-1]):
            top = self._hash(b"\x01" + left + top)
        return top


_Hash = Callable[[bytes], bytes]


def inclusion_holds(
    hashed: _Hash, place: Tuple[int, int], leaf: bytes, proof: Sequence[bytes], root: bytes
) -> bool:
    """RFC 9162 section 2.1.3.2: whether the leaf stands at place (seq, size) in the tree with this root."""
    node, last = place[0], place[1] - 1
    if not 0 <= node <= last:
        return False
    for sibling in proof:
        if not last:
            return False
        if node & 1 or node == last:
            leaf = hashed(b"\x01" + sibling + leaf)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            leaf = hashed(b"\x01" + leaf + sibling)
        node, last = node >> 1, last >> 1
    return not last and leaf == root


def consistency_holds(
    hashed: _Hash, sizes: Tuple[int, int], proof: Sequence[bytes], roots: Tuple[bytes, bytes]
) -> bool:
    """RFC 9162 section 2.1.4.2: whether the second tree is the first one with leaves added."""
    first, second = sizes
    if not 0 <= first <= second:
        return False
    if first in (0, second):
        expected = hashed(b"") if first == 0 else roots[1]
        return not proof and roots[0] == expected
    path = list(proof) if first & (first - 1) else [roots[0], *proof]
    if not path:
        return False
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    older = newer = path[0]
    for sibling in path[1:]:
        if not last:
            return False
        if node & 1 or node == last:
            older, newer = hashed(b"\x01" + sibling + older), hashed(b"\x01" + sibling + newer)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            newer = hashed(b"\x01" + newer + sibling)
        node, last = node >> 1, last >> 1
    return not last and (older, newer) == roots


# --- Heads ----------------------------------------------------------------------------------------

_HEAD_FIELDS = {"schema", "number", "at", "origin", "size", "root_sha256", "root_sm3", "previous"}
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


class Head:
    """A tree head as signed. Raises Problem when a field is missing, added or of the wrong form."""

    def __init__(self, fields: Any) -> None:
        if not isinstance(fields, dict):
            raise unclear("bad_head", "树头无法读取", "a head cannot be read")
        named = (f"树头 {fields.get('number')}", f"head {fields.get('number')}")
        self.what = named
        self.signatures = fields.get("signatures")
        signed = {name: value for name, value in fields.items() if name != "signatures"}
        if set(signed) != _HEAD_FIELDS or signed["schema"] != 2 or not _head_is_sound(signed):
            raise tampered(
                "bad_head", f"{named[0]}：字段缺失或格式不对", f"{named[1]}: a field is missing or malformed"
            )
        self.number: int = signed["number"]
        self.size: int = signed["size"]
        self.at: str = signed["at"]
        self.origin: str = signed["origin"]
        self.previous: str = signed["previous"]
        self.roots = {name: bytes.fromhex(signed[f"root_{name}"]) for name in HASHES}
        self.message = b"govvoice-tree-head-2\n" + canonical(signed).encode()
        self.hash = hashlib.sha256(self.message).hexdigest()


def _head_is_sound(signed: Dict[str, Any]) -> bool:
    try:
        for name in ("root_sha256", "root_sm3", "previous"):
            from_hex(signed[name], 32)
    except ValueError:
        return False
    counts = all(_is_count(signed[name]) for name in ("number", "size"))
    return counts and isinstance(signed["origin"], str) and bool(_INSTANT.fullmatch(str(signed["at"])))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_LEAVES


class ClockStep(NamedTuple):
    """A step of the platform's clock, as a sealed event tells of it: what excuses a time that goes back.

    `now` is what the clock showed when the step was noticed, `expected` what it would have shown without it,
    `earliest` the first that it can have shown after it.
    """

    seq: int
    event: int
    now: datetime
    expected: datetime
    earliest: datetime

    @classmethod
    def told_by(cls, fields: Dict[str, Any]) -> Optional[ClockStep]:
        """None when the event tells of none, or not of one that was noticed when it was written."""
        details = fields["details"]
        try:
            at = _time_of(fields["at"])
            now, expected, earliest = (_time_of(details[name]) for name in ("now", "expected", "earliest"))
        except (ValueError, KeyError, TypeError):
            return None
        noticed = -STEP_SLACK <= at - now <= STEP_NOTICED and timedelta() <= now - earliest <= STEP_UNSEEN
        if fields["action"] != "clock.step" or not noticed:
            return None
        return cls(fields["seq"], fields["id"], now, expected, earliest)


def _time_of(text: Any) -> datetime:
    """Raises ValueError."""
    if not isinstance(text, str) or not _INSTANT.fullmatch(text):
        raise ValueError("not an instant")
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")


def _is_excused(steps: Sequence[ClockStep], last: Head, head: Head) -> bool:
    """Whether steps sealed between two heads say how the second can be the earlier one."""
    between = [step for step in steps if last.size <= step.seq < head.size]
    if not between:
        return False
    try:
        before, after = _time_of(last.at), _time_of(head.at)
    except ValueError:
        return False
    went_on = between[-1].earliest - after <= STEP_SLACK and after - between[-1].now <= STEP_TO_HEAD
    return went_on and any(before - step.expected <= STEP_SLACK for step in between)


class Chain:
    """Heads in their order: numbers, names of the one before, sizes, times, and no algorithm lost."""

    def __init__(
        self, ring: Ring, origin: Optional[str] = None, steps: Optional[List[ClockStep]] = None
    ) -> None:
        """`steps` are those of the clock, known before the heads are added."""
        self._ring = ring
        self._origin = origin
        self._steps = [] if steps is None else steps
        self.last: Optional[Head] = None
        self.algorithms: FrozenSet[str] = frozenset()
        self.count = 0

    def add(self, head: Head) -> None:
        """Raises Problem; signatures are checked first, so that only what was signed is judged."""
        signed_by = self._ring.check(head.what, head.message, head.signatures, self.algorithms)
        self._check_link(head)
        self.last, self.algorithms = head, signed_by
        self.count += 1

    def _check_link(self, head: Head) -> None:
        zh, en = head.what
        last = self.last
        if head.number == 0 and head.previous != "00" * 32:
            raise tampered(
                "bad_chain", f"{zh}：第一个树头不应有前项", f"{en}: the first head names one before it"
            )
        if self._origin is not None and head.origin != self._origin:
            raise tampered(
                "other_origin", f"{zh}：来自另一套系统", f"{en}: of another platform, {head.origin}"
            )
        if last is None:
            return
        if head.number != last.number + 1:
            raise tampered("head_gap", f"{zh}：前面缺少树头", f"{en}: does not follow head {last.number}")
        if head.previous != last.hash:
            raise tampered("bad_chain", f"{zh}：与前一树头不衔接", f"{en}: does not name head {last.number}")
        if head.size < last.size or (head.at < last.at and not _is_excused(self._steps, last, head)):
            raise tampered(
                "head_shrinks", f"{zh}：比前一树头更小或更早", f"{en}: smaller or earlier than the one before"
            )


def _grows(older: Head, newer: Head) -> bool:
    return older.size < newer.size or (older.size == newer.size and older.roots == newer.roots)


class Known:
    """Heads that the reader has from elsewhere: a copy of the head file, a printed report."""

    def __init__(self, heads: Iterable[Head]) -> None:
        self.heads: Dict[int, Head] = {}
        self.met = 0
        for head in heads:
            if self.heads.setdefault(head.number, head).hash != head.hash:
                zh, en = head.what
                raise unclear(
                    "known_heads_differ", f"所给的{zh}有两个不同的版本", f"{en} is given twice, and differs"
                )

    def compare(self, head: Head, ring: Ring) -> None:
        """Raises Problem when the published head of this number is another one."""
        known = self.heads.get(head.number)
        if known is None:
            return
        if known.hash != head.hash:
            self._contradicted(known, ring, min(known.size, head.size))
        self.met += 1

    def compare_ends(self, first: Head, last: Head, ring: Ring) -> None:
        """Those outside the file's own heads: they must fit, and neighbours must name each other."""
        for head in self.heads.values():
            if head.number < first.number:
                fits = _grows(head, first)
                if head.number == first.number - 1:
                    fits = fits and first.previous == head.hash
                    self.met += 1
            else:
                fits = head.number <= last.number or _grows(last, head)
            if not fits:
                self._contradicted(head, ring, head.size)
        self._follow(last, ring)

    def _follow(self, last: Head, ring: Ring) -> None:
        while (head := self.heads.get(last.number + 1)) is not None:
            if head.previous != last.hash:
                self._contradicted(head, ring, last.size)
            self.met += 1
            last = head

    @staticmethod
    def _contradicted(known: Head, ring: Ring, seq: int) -> NoReturn:
        """The published head is the witness, so it must be a good one itself."""
        zh, en = known.what
        try:
            ring.check(known.what, known.message, known.signatures, frozenset())
        except Problem as problem:
            raise unclear(
                "bad_witness",
                f"已公布的{zh}与本文件不同，但其签名无效，不能作证",
                f"published {en} differs from this file, but it is no witness: {problem.finding.en}",
            ) from problem
        raise tampered(
            "other_head",
            f"已公布的{zh}与本文件矛盾，日志被重建过",
            f"published {en} contradicts this file: the log was rebuilt",
            seq=seq,
        )


# --- Events ---------------------------------------------------------------------------------------

_TEXT, _COUNT, _COUNT_OR_NULL, _TEXT_OR_NULL, _OBJECT, _HASHES = range(6)
_PERSONAL = {
    "actor_name": _TEXT,
    "object_name": _TEXT,
    "address": _TEXT_OR_NULL,
    "peer_address": _TEXT_OR_NULL,
    "forwarded_for": _TEXT,
    "user_agent": _TEXT,
    "session": _TEXT,
    "text_sha256": _TEXT,
    "details": _OBJECT,
    "salt": _TEXT,
}
_SHARED = {
    "schema": _COUNT,
    "id": _COUNT,
    "at": _TEXT,
    "xid": _COUNT,
    "action": _TEXT,
    "outcome": _TEXT,
    "code": _TEXT,
    "status": _COUNT_OR_NULL,
    "actor_kind": _TEXT,
    "actor_id": _TEXT,
    "actor_role": _TEXT,
    "organisation": _TEXT,
    "object_type": _TEXT,
    "object_id": _TEXT,
    "request_id": _TEXT,
    "characters": _COUNT_OR_NULL,
}
_SEALED = {**_SHARED, "auth_method": _TEXT, "sealed_sha256": _TEXT, "personal": _HASHES}
_FLAT = {**_SHARED, **{name: kind for name, kind in _PERSONAL.items() if name not in ("salt", "session")}}

# A string as RFC 8785 writes it: only what must be escaped is, each in its shortest way.
_STRING = rb'"[^"\\\x00-\x1f]*(?:\\(?:["\\bfnrt]|u00(?:0[0-7bef]|1[0-9a-f]))[^"\\\x00-\x1f]*)*"'
_NATURAL = rb"(?:0|[1-9][0-9]{0,18})"
_PATTERNS = {
    _TEXT: _STRING,
    _COUNT: _NATURAL,
    _COUNT_OR_NULL: rb"(?:null|" + _NATURAL + rb")",
    _TEXT_OR_NULL: rb"(?:null|" + _STRING + rb")",
    _OBJECT: rb"(?P<object>\{.*?\})",
    _HASHES: rb'\{"sha256":"(?P<sha256>[0-9a-f]{64})","sm3":"(?P<sm3>[0-9a-f]{64})"\}',
}


class Line(NamedTuple):
    """One event of the file: its place, its id, and the bytes of its leaf; None where they are withheld."""

    seq: int
    id: Optional[int]
    leaf: Optional[bytes]


class Form:
    """The one form a whole line may have, as a pattern: much faster than reading and writing the JSON again.

    What the pattern lets through is canonical: names are fixed and in order, strings and numbers have no
    second spelling in it, and the free object is read and written again. What it does not let through is read
    by slow_line(), which says why.
    """

    def __init__(
        self, schema: int, leaf: Dict[str, int], personal: Dict[str, int], with_text: bool = False
    ) -> None:
        self._schema = b"%d" % schema
        self.has_text = with_text
        kinds = {**{name: ("l", kind) for name, kind in leaf.items()}, "seq": ("s", _COUNT)}
        kinds.update({name: ("p", kind) for name, kind in personal.items()})
        if with_text:
            kinds["sealed_text"] = ("t", _TEXT)
        runs: List[Tuple[str, List[bytes]]] = []
        for name in sorted(kinds):
            part, kind = kinds[name]
            if not runs or runs[-1][0] != part:
                runs.append((part, []))
            runs[-1][1].append(self._member(name, kind))
        self.pattern = re.compile(
            rb"\{" + rb",".join(self._group(i, run) for i, run in enumerate(runs)) + rb"\}"
        )
        places = self.pattern.groupindex
        self.leaf = [places[f"r{i}"] for i, (part, _) in enumerate(runs) if part == "l"]
        self.personal = [places[f"r{i}"] for i, (part, _) in enumerate(runs) if part == "p"]
        self.has_object = "object" in places

    def _member(self, name: str, kind: int) -> bytes:
        value = self._schema if name == "schema" else _PATTERNS[kind]
        if name in ("id", "seq", "sealed_sha256", "sealed_text"):
            value = b"(?P<" + name.encode() + b">" + value + b")"
        return b'"' + name.encode() + b'":' + value

    @staticmethod
    def _group(place: int, run: Tuple[str, List[bytes]]) -> bytes:
        return b"(?P<r%d>" % place + b",".join(run[1]) + b")"

    def line(self, data: bytes, with_sm3: bool) -> Optional[Line]:
        """None when the pattern does not let it through."""
        found = self.pattern.fullmatch(data)
        if found is None or (self.has_object and not _is_canonical_object(found.group("object"))):
            return None
        if self.personal and not self._commitment_holds(found, with_sm3):
            return None
        if self.has_text and not _is_sealed_text(found["sealed_text"][1:-1], found["sealed_sha256"][1:-1]):
            return None
        leaf = b"\x00{" + b",".join(found.group(*self.leaf)) + b"}"
        return Line(int(found.group("seq")), int(found.group("id")), leaf)

    def _commitment_holds(self, found: Any, with_sm3: bool) -> bool:
        covered = b"{" + b",".join(found.group(*self.personal)) + b"}"
        if hashlib.sha256(covered).hexdigest().encode() != found.group("sha256"):
            return False
        return not with_sm3 or sm3(covered).hex().encode() == found.group("sm3")


def _plain_float(text: str) -> float:
    """A number that Python and ECMAScript write alike. Raises ValueError for any other."""
    number = float(text)
    if "e" in text or text.endswith(".0") or repr(number) != text:
        raise ValueError("not alike")
    return number


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


_read_plain = json.JSONDecoder(parse_float=_plain_float, parse_constant=_no_constant).decode
_write_plain = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def _is_canonical_object(data: bytes) -> bool:
    """By Python's own writer where it agrees with RFC 8785: no odd floats, no names beyond U+FFFF."""
    if data == b"{}":
        return True
    text = data.decode("utf-8")
    try:
        return len(text.encode("utf-16-le")) == 2 * len(text) and _write_plain(_read_plain(text)) == text
    except (ValueError, RecursionError):
        return False


_FORMS = {
    False: [Form(2, _SEALED, _PERSONAL), Form(2, _SEALED, _PERSONAL, with_text=True), Form(1, _FLAT, {})],
    True: [Form(2, _SEALED, {})],
}


def read_line(data: bytes, redacted: bool, with_sm3: bool = True) -> Line:
    """Raises Problem when the line is not canonical, or does not hold what an event holds."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise tampered("not_canonical", "事件不是有效的 UTF-8", f"an event is not UTF-8: {error}") from error
    if len(data) < 1 << 16:
        for form in _FORMS[redacted]:
            line = form.line(data, with_sm3)
            if line is not None:
                return line
    return slow_line(data, redacted, with_sm3)


def slow_line(data: bytes, redacted: bool, with_sm3: bool = True) -> Line:
    """The same judgement by reading the JSON and writing it again."""
    fields = _fields(data)
    seq: Any = fields.get("seq")
    number: Any = fields.get("id")
    if not _is_count(seq):
        raise tampered("no_place", "事件没有序号", "an event without its place")
    if redacted and fields == {"seq": seq, "schema": 1, "redacted": True}:
        return Line(seq, None, None)
    flat = fields.get("schema") == 1 and not redacted
    expected, personal = (_FLAT, {}) if flat else (_SEALED, {} if redacted else _PERSONAL)
    carried = {"seq", "sealed_text"} if personal and "sealed_text" in fields else {"seq"}
    known = fields.get("schema") in (1, 2) and set(fields) == {*carried, *expected, *personal}
    if not known or not _is_count(number):
        zh, en = "事件的字段不对", "an event has not the fields it should have"
        raise tampered("wrong_fields", zh, en, seq)
    if personal and not _is_committed(fields, with_sm3):
        zh, en = "个人信息与其摘要不符", "personal fields contradict their hashes"
        raise tampered("wrong_personal", zh, en, seq, number)
    if "sealed_text" in carried and not _text_is_the_sealed_one(fields):
        zh, en = "封存的原文与其摘要不符", "the sealed text contradicts its hash"
        raise tampered("wrong_text", zh, en, seq, number)
    leaf = canonical({name: fields[name] for name in expected})
    return Line(seq, number, b"\x00" + leaf.encode())


def _text_is_the_sealed_one(fields: Dict[str, Any]) -> bool:
    text, digest = fields["sealed_text"], fields["sealed_sha256"]
    return isinstance(text, str) and _is_sealed_text(text.encode(), str(digest).encode())


def _is_sealed_text(text: bytes, digest: bytes) -> bool:
    """Archives carry the ciphertext of an event's text, in base64, beside the hash that is sealed."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return base64.b64encode(data) == text and hashlib.sha256(data).hexdigest().encode() == digest


def _fields(data: bytes) -> Dict[str, Any]:
    try:
        text = data.decode("utf-8")
        fields = json.loads(text)
        same = isinstance(fields, dict) and canonical(fields) == text
    except (ValueError, RecursionError) as error:
        raise tampered("not_canonical", "事件不是有效的 JSON", f"an event is not JSON: {error}") from error
    if not same:
        seq, number = (fields.get("seq"), fields.get("id")) if isinstance(fields, dict) else (None, None)
        raise tampered(
            "not_canonical",
            "事件不是规范格式（RFC 8785）",
            "an event is not in its canonical form",
            seq if _is_count(seq) else None,
            number if _is_count(number) else None,
        )
    return fields  # type: ignore[no-any-return]  # `same` says that it is a dict


def _is_committed(fields: Dict[str, Any], with_sm3: bool) -> bool:
    covered = canonical({name: fields[name] for name in _PERSONAL}).encode()
    given = fields["personal"]
    if not isinstance(given, dict) or set(given) != {"sha256", "sm3"}:
        return False
    if given["sha256"] != hashlib.sha256(covered).hexdigest():
        return False
    return not with_sm3 or bool(given["sm3"] == sm3(covered).hex())


# --- The zip file ---------------------------------------------------------------------------------

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)


class Archive:
    """Reads members in blocks, never unpacks them, and believes nothing the directory says of them."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except _BROKEN as error:
            raise unclear("bad_zip", "压缩文件无法打开", f"the zip file cannot be opened: {error}") from error
        self.members: Dict[str, zipfile.ZipInfo] = {}
        self.digests: Dict[str, Tuple[str, int]] = {}
        infos = self._zip.infolist()
        if len(infos) > MOST_MEMBERS:
            raise unclear("too_many", "压缩文件成员过多", f"{len(infos)} members in the zip file")
        for info in infos:
            self._admit(info)

    def _admit(self, info: zipfile.ZipInfo) -> None:
        name = info.filename
        strange = not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", name) or name in self.members
        packed = info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1
        if strange or packed:
            raise unclear(
                "strange_member", f"压缩文件成员异常：{name[:100]!r}", f"a strange member: {name[:100]!r}"
            )
        if info.file_size > STEEPEST_RATIO * info.compress_size + BLOCK:
            raise unclear("bomb", f"成员 {name} 解压后异常庞大", f"{name} would grow beyond all measure")
        self.members[name] = info

    def blocks(self, name: str, size: int = BLOCK) -> Iterator[bytes]:
        """The member in blocks of `size` bytes, the last one shorter. Raises Problem."""
        if name not in self.members:
            raise unclear("missing_member", f"文件中缺少 {name}", f"{name} is missing from the file")
        digest, count = hashlib.sha256(), 0
        try:
            with self._zip.open(self.members[name]) as member:
                while block := self._full(member, size):
                    digest.update(block)
                    count += len(block)
                    yield block
        except _BROKEN as error:
            raise unclear(
                "damaged", f"{name} 已损坏，请重新取得文件", f"{name} is damaged: {error}"
            ) from error
        self.digests[name] = (digest.hexdigest(), count)

    @staticmethod
    def _full(member: Any, size: int) -> bytes:
        data: bytes = member.read(size)
        while data and len(data) < size:
            more = member.read(size - len(data))
            if not more:
                break
            data += more
        return data

    def part(self, name: str) -> bytes:
        """A whole member, which must be small."""
        if name in self.members and self.members[name].file_size > LARGEST_PART:
            raise unclear("too_large", f"{name} 过大", f"{name} is too large")
        return b"".join(self.blocks(name))

    def lines(self, name: str) -> Iterator[bytes]:
        rest = b""
        for block in self.blocks(name):
            *lines, rest = (rest + block).split(b"\n")
            yield from lines
            if len(rest) > LONGEST_LINE:
                raise unclear("long_line", f"{name} 中有过长的行", f"a line of {name} is too long")
        if rest:
            yield rest

    def digest(self, name: str) -> Tuple[str, int]:
        """SHA-256 and size of a member, as read before or now."""
        if name not in self.digests:
            for _ in self.blocks(name):
                pass
        return self.digests[name]


# --- The bundle -----------------------------------------------------------------------------------


class Manifest:
    """manifest.json, its values checked for form. Raises Problem."""

    _COUNTS = ("start", "size", "events")
    _FLAGS = ("redacted", "complete")

    def __init__(self, data: bytes) -> None:
        fields = parsed(data, "manifest.json")
        if not isinstance(fields, dict) or fields.get("format") != BUNDLE:
            raise unclear(
                "other_format", "不是本程序能校验的文件格式", "not a file that this program can check"
            )
        sound = all(_is_count(fields.get(name)) for name in self._COUNTS)
        sound = sound and all(isinstance(fields.get(name), bool) for name in self._FLAGS)
        sound = sound and isinstance(fields.get("origin"), str) and isinstance(fields.get("files"), dict)
        if not sound:
            raise unclear(
                "bad_manifest", "清单字段缺失或格式不对", "the manifest lacks a field, or it is malformed"
            )
        self.start, self.size, self.events = (fields[name] for name in self._COUNTS)
        self.redacted, self.complete = (fields[name] for name in self._FLAGS)
        self.origin: str = fields["origin"]
        self.files: Dict[str, Any] = fields["files"]
        self.made_at = fields.get("made_at")
        self.message = b"govvoice-manifest-1\n" + canonical(fields).encode()
        self._check_counts()

    def _check_counts(self) -> None:
        leaves = self.size - self.start
        if leaves < 0 or self.events > leaves or (self.complete and self.events != leaves):
            raise tampered(
                "bad_counts", "清单中的数目互相矛盾", "the manifest's counts contradict each other"
            )


class Bundle:
    """The check of one export."""

    def __init__(self, archive: Archive, report: Report, known: Known, wanted: Optional[int]) -> None:
        self.archive, self.report, self.known, self.wanted = archive, report, known, wanted
        self.manifest = Manifest(archive.part("manifest.json"))
        self.leaves = self.manifest.size - self.manifest.start
        self.with_sm3 = SM3_IS_FAST or self.leaves <= SLOW_SM3_LEAVES
        self.hashes = {name: hashed for name, hashed in HASHES.items() if name == "sha256" or self.with_sm3}

    def check(self, pins: Sequence[str], extra: Sequence[Key]) -> None:
        self.ring = Ring(parsed(self.archive.part("keys.json"), "keys.json"), pins, extra)
        self.steps: List[ClockStep] = []
        self.chain = Chain(self.ring, self.manifest.origin, self.steps)
        self.report.trying(self._check_sizes)
        self.report.trying(self._read_steps)
        heads_hold = self.report.trying(self._check_heads)
        self.report.trying(self._check_events)
        self.report.trying(self._check_manifest)
        self.report.trying(self._check_files)
        self._tell(heads_hold)

    def _check_sizes(self) -> None:
        for name in HASHES:
            member = self.archive.members.get(f"leaves.{name}")
            if member is not None and member.file_size != 32 * self.leaves:
                raise tampered(
                    "leaf_count",
                    f"leaves.{name} 的叶数与清单不符",
                    f"leaves.{name} has {member.file_size // 32} leaves, the manifest says {self.leaves}",
                )

    # Steps of the clock, which excuse heads that are earlier than the one before; older files have none.

    def _read_steps(self) -> None:
        if "steps.jsonl" not in self.archive.members:
            return
        places, last = self._places(), self.manifest.start - 1
        for data in self.archive.lines("steps.jsonl"):
            line = read_line(data, False, self.with_sm3)
            if not last < line.seq < self.manifest.size or len(self.steps) == MOST_STEPS:
                raise tampered("wrong_order", "时钟跳变事件顺序不对", "steps out of order", line.seq, line.id)
            last = line.seq
            step = ClockStep.told_by(json.loads(data)) if self._leaf_holds(line, places) else None
            if step is not None:
                self.steps.append(step)

    def _tell_steps(self) -> None:
        for step in self.steps[:MOST_NOTES]:
            by = f"{(step.now - step.expected).total_seconds():+.1f}"
            times = f"{step.expected.isoformat()}Z -> {step.now.isoformat()}Z"
            self.report.note(
                f"序号 {step.seq}（编号 {step.event}）：平台时钟跳变 {by} 秒，{times}",
                f"seq {step.seq} (id {step.event}): the platform's clock stepped by {by} s, {times}",
            )
        if len(self.steps) > MOST_NOTES:
            more = len(self.steps) - MOST_NOTES
            self.report.note(f"另有 {more} 次时钟跳变", f"{more} more steps of the clock")

    # Heads and leaves, in one pass.

    def _check_heads(self) -> None:
        trees = self._trees()
        first: Optional[Head] = None
        for line in self.archive.lines("heads.jsonl"):
            head = Head(parsed(line, "heads.jsonl"))
            self._place(head, first)
            self.chain.add(head)
            self.known.compare(head, self.ring)
            self._grow_to(head, trees)
            first = first or head
        last = self.chain.last
        if first is None or last is None or last.size != self.manifest.size:
            raise tampered("heads_cut", "树头没有覆盖全部事件", "the heads do not cover all leaves")
        self.known.compare_ends(first, last, self.ring)
        if self.known.heads and not self.known.met:
            raise unclear(
                "not_linked",
                "所给树头与本文件没有交集，无法比对",
                "the published heads given neither lie within this file nor next to it",
            )

    def _trees(self) -> Dict[str, Growing]:
        given = parsed(self.archive.part("frontier.json"), "frontier.json")
        start = self.manifest.start
        if not isinstance(given, dict) or given.get("start") != start:
            raise tampered(
                "bad_frontier", "前沿与清单不符", "the frontier is not that of the manifest's start"
            )
        trees = {}
        for name, hashed in self.hashes.items():
            try:
                frontier = [from_hex(text, 32) for text in _list_of(given.get(name), str, "frontier.json")]
            except ValueError as error:
                raise unclear(
                    "bad_frontier", "前沿无法读取", f"the frontier cannot be read: {error}"
                ) from error
            if len(frontier) != bin(start).count("1"):
                raise tampered(
                    "bad_frontier", "前沿长度不对", f"not the frontier of a tree of {start} leaves"
                )
            trees[name] = Growing(self.archive, name, Tree(hashed, start, frontier))
        return trees

    def _place(self, head: Head, first: Optional[Head]) -> None:
        zh, en = head.what
        start, size = self.manifest.start, self.manifest.size
        outside = not start <= head.size <= size or (first is None and start and head.size != start)
        if outside:
            raise tampered(
                "head_outside",
                f"{zh}：不在本文件范围内",
                f"{en}: its size {head.size} lies outside this file",
            )

    def _grow_to(self, head: Head, trees: Dict[str, Growing]) -> None:
        for name, tree in trees.items():
            before = tree.size
            if tree.root_at(head.size) != head.roots[name]:
                zh, en = head.what
                raise tampered(
                    "wrong_root",
                    f"{zh}：{name} 根与叶不符（序号 {before} 至 {head.size - 1} 之间）",
                    f"{en}: its {name} root is not that of the leaves (between {before} and {head.size - 1})",
                    seq=before,
                )

    # Events, each against its leaf.

    def _check_events(self) -> None:
        manifest, places = self.manifest, self._places()
        count, last = 0, manifest.start - 1
        for data in self.archive.lines("events.jsonl"):
            count += 1
            try:
                line = read_line(data, manifest.redacted, self.with_sm3)
            except Problem as problem:
                last = self._add_unread(problem.finding, last, count)
                continue
            self._check_place(line, last)
            last = max(last, line.seq)
            self._check_leaf(line, places)
        if count != manifest.events:
            raise tampered(
                "event_count",
                f"应有 {manifest.events} 条事件，实有 {count} 条",
                f"{manifest.events} events by the manifest, {count} in the file",
                seq=last + 1 if manifest.complete and last + 1 < manifest.size else None,
            )

    def _places(self) -> Dict[str, Places]:
        return {name: Places(self.archive, f"leaves.{name}", self.manifest.start) for name in self.hashes}

    def _add_unread(self, finding: Finding, last: int, line: int) -> int:
        """Where the log has been read to, after a line that cannot be: a complete file tells its place,
        of any other the line is named."""
        if finding.seq is None and self.manifest.complete:
            finding = finding._replace(seq=last + 1)
        elif finding.seq is None:
            zh, en = f"events.jsonl 第 {line} 行：{finding.zh}", f"events.jsonl line {line}: {finding.en}"
            finding = finding._replace(zh=zh, en=en)
        self.report.add(finding)
        return max(last, -1 if finding.seq is None else finding.seq)

    def _check_place(self, line: Line, last: int) -> None:
        seq, event = line.seq, line.id
        if not last < seq < self.manifest.size:
            raise tampered("wrong_order", "事件顺序不对或重复", "an event out of order, or twice", seq, event)
        if self.manifest.complete and seq != last + 1:
            raise tampered(
                "event_gap", f"缺少序号 {last + 1} 的事件", f"event {last + 1} is missing", last + 1, None
            )

    def _check_leaf(self, line: Line, places: Dict[str, Places]) -> None:
        if line.leaf is None or not self._leaf_holds(line, places):
            return
        if line.id == self.wanted and self.wanted is not None:
            self.report.event = {"seq": line.seq, "id": line.id, "leaf_sha256": sha256(line.leaf).hex()}

    def _leaf_holds(self, line: Line, places: Dict[str, Places]) -> bool:
        for name, hashed in self.hashes.items():
            if hashed(line.leaf or b"") != places[name].leaf(line.seq):
                self.report.add(
                    Finding(
                        TAMPERED,
                        "wrong_leaf",
                        f"事件内容与封存时不同（{name}）",
                        f"the event is not the one that was sealed ({name})",
                        line.seq,
                        line.id,
                    )
                )
                return False
        return True

    # What holds it together.

    def _check_manifest(self) -> None:
        signatures = parsed(self.archive.part("manifest.sig"), "manifest.sig")
        self.ring.check(("清单", "the manifest"), self.manifest.message, signatures, self.chain.algorithms)

    def _check_files(self) -> None:
        listed, there = (
            set(self.manifest.files),
            set(self.archive.members) - {"manifest.json", "manifest.sig"},
        )
        for name in sorted(listed ^ there):
            state = ("缺失", "missing") if name in listed else ("多出", "not in the manifest")
            self.report.add(
                Finding(TAMPERED, "wrong_files", f"文件 {name} {state[0]}", f"{name} is {state[1]}")
            )
        for name in sorted(listed & there):
            entry = self.manifest.files[name]
            digest, size = self.archive.digest(name)
            if not isinstance(entry, dict) or (entry.get("sha256"), entry.get("bytes")) != (digest, size):
                zh, en = f"文件 {name} 与清单摘要不符", f"{name} is not the file of the manifest"
                self.report.add(Finding(TAMPERED, "wrong_file", zh, en))

    def _tell(self, heads_hold: bool) -> None:
        manifest, last = self.manifest, self.chain.last
        self.report.checked.update(
            kind="bundle",
            origin=manifest.origin,
            made_at=manifest.made_at,
            start=manifest.start,
            size=manifest.size,
            events=manifest.events,
            complete=manifest.complete,
            redacted=manifest.redacted,
            heads=self.chain.count,
            sm3=self.with_sm3,
            known_heads=self.known.met,
        )
        if last is not None and heads_hold:
            self.report.checked["last_head"] = {
                "number": last.number,
                "at": last.at,
                "sha256": last.roots["sha256"].hex(),
            }
        if not self.with_sm3:
            self.report.note(
                "本机没有快速 SM3，SM3 树未校验（SHA-256 树已全部校验）",
                "no fast SM3 here: its tree was not checked, that of SHA-256 was",
            )
        if manifest.redacted:
            self.report.note(
                "脱敏副本：个人信息未提供，其摘要仍在校验之内",
                "a redacted copy: personal fields are withheld, their hashes are checked",
            )
        if self.wanted is not None and self.report.event is None and not self.report.found[TAMPERED]:
            self.report.add(
                Finding(
                    UNCLEAR,
                    "no_such_event",
                    f"文件中没有编号 {self.wanted} 的事件",
                    f"event {self.wanted} is not in this file",
                )
            )
        self._tell_steps()
        _tell_keys(self.ring, self.report)


class Growing:
    """A tree that grows by the leaf hashes of one file."""

    def __init__(self, archive: Archive, name: str, tree: Tree) -> None:
        self._blocks = archive.blocks(f"leaves.{name}")
        self._name, self._tree, self._held = name, tree, b""

    @property
    def size(self) -> int:
        return self._tree.size

    def root_at(self, size: int) -> bytes:
        """The root once it has grown to this size. Raises Problem when the leaves end before."""
        while self._tree.size < size:
            data = self._held or next(self._blocks, b"")
            taken = 32 * min(len(data) // 32, size - self._tree.size)
            if not taken:
                ends = self._tree.size
                zh, en = f"leaves.{self._name} 叶数不足", f"leaves.{self._name} ends at {ends}"
                raise tampered("leaf_count", zh, en, ends)
            self._tree.grow(data[:taken])
            self._held = data[taken:]
        return self._tree.root()


class Places:
    """Leaf hashes of one file, asked for in rising order."""

    def __init__(self, archive: Archive, name: str, start: int) -> None:
        self._blocks = archive.blocks(name)
        self._name, self._from, self._block = name, start, b""

    def leaf(self, seq: int) -> bytes:
        while seq >= self._from + len(self._block) // 32:
            self._from += len(self._block) // 32
            self._block = next(self._blocks, b"")
            if not self._block:
                raise tampered(
                    "leaf_count", f"{self._name} 中没有这一叶", f"{self._name} has no such leaf", seq
                )
        at = 32 * (seq - self._from)
        return self._block[at : at + 32]


def _tell_keys(ring: Ring, report: Report) -> None:
    for key in ring.used.values():
        pinned = ring.is_pinned(key)
        report.keys.append(
            {"key_id": key.id, "algorithm": key.algorithm, "fingerprint": key.fingerprint, "pinned": pinned}
        )
        if not pinned and not ring.pins:
            report.note(
                f"请将密钥 {key.id}（{key.algorithm}）的指纹与单位公布的核对：{key.fingerprint}",
                f"compare the fingerprint of key {key.id} ({key.algorithm}) with the published one",
            )


# --- Proofs ---------------------------------------------------------------------------------------


def check_proof(data: bytes, report: Report, reader: Reader) -> None:
    """A proof file: that one head follows from another, or that one event is in a head's tree."""
    proof = parsed(data, "proof")
    if not isinstance(proof, dict) or proof.get("format") != PROOF:
        raise unclear("other_format", "不是本程序能校验的文件格式", "not a file that this program can check")
    ring, known = Ring(proof.get("keys"), reader.pins, reader.keys), reader.known
    if proof.get("kind") == "consistency":
        _check_consistency(proof, ring, report, known)
    elif proof.get("kind") == "inclusion":
        _check_inclusion(proof, ring, report, known)
    else:
        raise unclear("other_format", "未知的证明种类", "a kind of proof that is not known")
    _tell_keys(ring, report)


def _path(proof: Dict[str, Any], name: str) -> List[bytes]:
    given = proof.get("proof")
    try:
        return [
            from_hex(text, 32)
            for text in _list_of(given.get(name) if isinstance(given, dict) else None, str, "proof")
        ]
    except ValueError as error:
        raise tampered("bad_proof", "证明无法读取", f"the proof cannot be read: {error}") from error


def _signed_head(
    fields: Any, ring: Ring, known: Known, needed: FrozenSet[str] = frozenset()
) -> Tuple[Head, FrozenSet[str]]:
    head = Head(fields)
    algorithms = ring.check(head.what, head.message, head.signatures, needed)
    known.compare(head, ring)
    return head, algorithms


def _check_consistency(proof: Dict[str, Any], ring: Ring, report: Report, known: Known) -> None:
    first, algorithms = _signed_head(proof.get("first"), ring, known)
    second, _ = _signed_head(proof.get("second"), ring, known, algorithms)
    fits = first.number <= second.number and first.size <= second.size and first.origin == second.origin
    holds = fits and (first.number != second.number or first.hash == second.hash)
    for name, hashed in HASHES.items():
        roots = (first.roots[name], second.roots[name])
        holds = holds and consistency_holds(hashed, (first.size, second.size), _path(proof, name), roots)
    if not holds:
        raise tampered(
            "inconsistent",
            f"{second.what[0]}不是由{first.what[0]}增长而来",
            f"{second.what[1]} did not grow out of {first.what[1]}",
            seq=min(first.size, second.size),
        )
    if second.at < first.at:
        report.note(
            f"{second.what[0]}的时间早于{first.what[0]}：其间平台时钟被调回，请在日志中查看 clock.step 事件",
            f"{second.what[1]} is dated before {first.what[1]}: the platform's clock was set back in between;"
            " its log must have an event clock.step of it",
        )
    report.checked.update(
        kind="consistency", first=first.number, second=second.number, sizes=[first.size, second.size]
    )


def _check_inclusion(proof: Dict[str, Any], ring: Ring, report: Report, known: Known) -> None:
    head, _ = _signed_head(proof.get("head"), ring, known)
    redacted = not isinstance(proof.get("event"), dict) or "details" not in proof["event"]
    line = read_line(canonical(proof.get("event")).encode(), redacted)
    for name, hashed in HASHES.items():
        leaf = hashed(line.leaf or b"")
        if not inclusion_holds(hashed, (line.seq, head.size), leaf, _path(proof, name), head.roots[name]):
            zh, en = head.what
            raise tampered(
                "not_included", f"事件不在{zh}之中", f"the event is not in {en}", line.seq, line.id
            )
    report.checked.update(kind="inclusion", head=head.number, size=head.size)
    report.event = {"seq": line.seq, "id": line.id, "leaf_sha256": sha256(line.leaf or b"").hex()}


# --- What the reader brings -----------------------------------------------------------------------


class BadKey(Exception):
    """What was given as --key is none."""


def read_heads(path: str) -> Iterator[Head]:
    """Heads of a head file, one JSON object a line, or the head of a printed report, typed in or scanned."""
    with open(path, "rb") as file:
        is_json = file.read(1) == b"{"
        file.seek(0)
        yield from _heads_of_file(file) if is_json else _head_of_paper(file.read(BLOCK))


def _heads_of_file(file: BinaryIO) -> Iterator[Head]:
    """A last line that is cut off is left out: the sealer may have been writing it."""
    for line in file:
        if line.endswith((b"\n", b"}")):
            yield Head(parsed(line.strip(), "heads"))


def _head_of_paper(data: bytes) -> Iterator[Head]:
    """The lines of a checkpoint: origin, size, root, what else is signed, an empty line, the signatures."""
    try:
        lines = [line.strip() for line in data.decode("utf-8-sig").strip().splitlines()]
        named = dict(line.split(" ", 1) for line in lines[3:8])
        signed = (line.split(" ") for line in lines[9:])
        yield Head(
            {
                "schema": int(named["schema"]),
                "number": int(named["number"]),
                "at": named["at"],
                "origin": lines[0],
                "size": int(lines[1]),
                "root_sha256": _from_base64(lines[2]),
                "root_sm3": _from_base64(named["sm3"]),
                "previous": _from_base64(named["previous"]),
                "signatures": [
                    {"algorithm": algorithm, "key_id": key, "signature": _from_base64(signature)}
                    for _, algorithm, key, signature in signed
                ],
            }
        )
    except (ValueError, KeyError, IndexError) as error:
        raise unclear("no_heads", "所给树头无法读取", f"the head given cannot be read: {error!r}") from error


def _from_base64(text: str) -> str:
    return base64.b64decode(text, validate=True).hex()


def read_key(text: str) -> Tuple[Optional[str], Optional[Key]]:
    """A pin from a key id or a fingerprint, or a key out of a file (PEM or hex). Raises BadKey, OSError."""
    plain = text.lower().replace(":", "").strip()
    if re.fullmatch(r"[0-9a-f]{16}|[0-9a-f]{64}", plain):
        return plain, None
    with open(text, "rb") as file:
        content = file.read(1 << 16)
    body = b"".join(re.sub(rb"-----[A-Z ]+-----", b"", content).split())
    try:
        spki = (
            base64.b64decode(body, validate=True)
            if b"-----BEGIN" in content
            else bytes.fromhex(body.decode())
        )
        return None, Key(spki)
    except ValueError as error:
        raise BadKey(f"{text}: {error}") from error


# --- Telling --------------------------------------------------------------------------------------

_VERDICTS = {
    OK: ("通过：未发现篡改", "OK: nothing was altered"),
    TAMPERED: ("不通过：数据被篡改", "ALTERED: this is not what was sealed"),
    UNCLEAR: ("无法判断", "CANNOT TELL"),
}
_NAMES = {OK: "ok", TAMPERED: "tampered", UNCLEAR: "unclear"}


def as_json(report: Report) -> str:
    bad = report.first_bad
    return json.dumps(
        {
            "result": _NAMES[report.status],
            "exit": report.status,
            "first_bad": _finding(bad) if bad else None,
            "findings": [_finding(finding) for finding in report.findings],
            "counts": {_NAMES[status]: count for status, count in report.found.items()},
            "checked": report.checked,
            "event": report.event,
            "keys": report.keys,
            "notes": [{"zh": zh, "en": en} for zh, en in report.notes],
        },
        ensure_ascii=False,
        indent=2,
    )


def _finding(finding: Finding) -> Dict[str, Any]:
    return {**finding._asdict(), "status": _NAMES[finding.status]}


def as_text(report: Report) -> str:
    zh, en = _VERDICTS[report.status]
    lines = [f"【{zh}】 {en}"]
    bad = report.first_bad
    if bad and bad.seq is not None:
        lines.append(f"首个异常 first bad: {_where(bad)}{bad.zh} / {bad.en}")
    lines += [f"  - {_where(finding)}{finding.zh} / {finding.en}" for finding in report.findings]
    hidden = sum(report.found.values()) - len(report.findings)
    if hidden:
        lines.append(f"  … 另有 {hidden} 项 / {hidden} more")
    lines += [f"  {_CHECKED[name]} {name}: {_shown(name, value)}" for name, value in report.checked.items()]
    if report.event:
        event = report.event
        lines.append(f"事件 event {event['id']}: 序号 seq {event['seq']}, leaf {event['leaf_sha256']}")
    lines += [f"密钥 key {key['key_id']} ({key['algorithm']}) {key['fingerprint']}" for key in report.keys]
    lines += [f"提示：{zh}\n  note: {en}" for zh, en in report.notes]
    return "\n".join(lines)


# What was checked, as people read it; the English names are those of --json.
_CHECKED = {
    "kind": "种类",
    "origin": "日志名称",
    "made_at": "制作时间（协调世界时）",
    "start": "起始序号",
    "size": "树的大小",
    "events": "事件数",
    "complete": "含此范围的全部事件",
    "redacted": "已隐去个人信息",
    "heads": "树头数",
    "sm3": "SM3 树已核对",
    "known_heads": "与所给树头一致的个数",
    "last_head": "最新树头",
    "head": "树头编号",
    "first": "较早的树头编号",
    "second": "较晚的树头编号",
    "sizes": "两个树头的大小",
}
_KINDS = {"bundle": "导出文件", "inclusion": "一条事件的证明", "consistency": "树头增长的证明"}


def _shown(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "是 yes" if value else "否 no"
    if name == "last_head":
        # A printed head has its root in base64, the file of heads in hexadecimal.
        root = base64.b64encode(bytes.fromhex(value["sha256"])).decode()
        place = f"第 {value['number']} 号 number，{value['at']}"
        return f"{place}\n    根 root {value['sha256']}\n    纸件上写作 printed as {root}"
    if name == "sizes":
        return "、".join(map(str, value))
    return f"{_KINDS[value]} {value}" if name == "kind" else str(value)


def _where(finding: Finding) -> str:
    if finding.seq is None:
        return ""
    event = "" if finding.event is None else f"，事件编号 id {finding.event}"
    return f"[序号 seq {finding.seq}{event}] "


# --- The command ----------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"用法错误 usage: {message}\n")


def _arguments(arguments: Optional[Sequence[str]]) -> argparse.Namespace:
    parser = _Parser(
        prog="audit-verify.py", description="离线校验审计导出文件 / check an export of the audit log"
    )
    parser.add_argument("file", help="导出的 .zip 或证明 .json / the export or a proof")
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        help="可信公钥：编号、指纹或文件 / trusted key: id, fingerprint or file",
    )
    parser.add_argument(
        "--head", action="append", default=[], help="另行保存的树头文件 / heads known from elsewhere"
    )
    parser.add_argument("--event", type=int, help="指明一条事件的编号 / the id of one event to point out")
    parser.add_argument("--json", action="store_true", help="以 JSON 输出 / answer in JSON")
    return parser.parse_args(arguments)


class Reader(NamedTuple):
    """What the reader brings: keys trusted by name, keys given whole, heads known from elsewhere."""

    pins: List[str]
    keys: List[Key]
    known: Known


def reader_of(options: argparse.Namespace) -> Reader:
    """Raises OSError and ValueError for a file or a key that cannot be read, Problem for bad heads."""
    trusted = [read_key(text) for text in options.key]
    known = Known(head for name in options.head for head in read_heads(name))
    if options.head and not known.heads:
        raise unclear("no_heads", "所给文件中没有树头", "there is no head in the file given")
    return Reader([pin for pin, _ in trusted if pin], [key for _, key in trusted if key], known)


def check_file(file: BinaryIO, reader: Reader, event: Optional[int], report: Report) -> None:
    """Raises Problem for what ends the check."""
    start = file.read(4)
    file.seek(0)
    if start == b"\x28\xb5\x2f\xfd":
        raise unclear("zstd", "这是归档文件，请先用 zstd -d 解压", "an archive: unpack it with zstd -d first")
    if start[:2] == b"PK":
        Bundle(Archive(file), report, reader.known, event).check(reader.pins, reader.keys)
    else:
        check_proof(file.read(LARGEST_PART), report, reader)


def _judged(options: argparse.Namespace) -> Report:
    report = Report()
    try:
        reader = reader_of(options)
        with open(options.file, "rb") as file:
            check_file(file, reader, options.event, report)
    except Problem as problem:
        report.add(problem.finding)
    return report


def main(arguments: Optional[Sequence[str]] = None) -> int:
    options = _arguments(arguments)
    try:
        report = _judged(options)
    except (OSError, BadKey) as error:
        print(f"用法错误 usage: {error}", file=sys.stderr)
        return USAGE
    except Exception as error:
        # Whatever a forged file brings about, it must neither pass nor accuse.
        report = Report()
        report.add(
            Finding(UNCLEAR, "failed", f"校验未能完成：{error!r}", f"the check did not end: {error!r}")
        )
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # an old Windows console has not every character
    print(as_json(report) if options.json else as_text(report))
    return report.status


if __name__ == "__main__":
    sys.exit(main())
