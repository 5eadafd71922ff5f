"""The Merkle tree of RFC 6962 section 2.1, grown one leaf at a time.

A tree over n leaves splits at k, the largest power of two below n. Reading n in binary, it is a row of
perfect subtrees, one for each bit that is set, the largest first: their hashes are the frontier, all that is
needed to add leaves and to tell the root.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

ALGORITHM = "sha256"
HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 || data): the prefix keeps a leaf from passing for a node."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree of `size` leaves. Growing yields another tree, so that a failed write leaves none half grown."""

    size: int = 0
    frontier: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if len(self.frontier) != self.size.bit_count():
            raise ValueError(f"a tree of {self.size} leaves has {self.size.bit_count()} perfect subtrees")

    def grown(self, leaves: Iterable[bytes]) -> Tree:
        """The tree with these leaf hashes added, in their order. O(1) hashes a leaf on average."""
        size, frontier = self.size, list(self.frontier)
        for leaf in leaves:
            top = leaf
            # As in counting: each trailing 1 of the size is a subtree as tall as the one carried; they join.
            carried = size
            while carried & 1:
                top = node_hash(frontier.pop(), top)
                carried >>= 1
            frontier.append(top)
            size += 1
        return Tree(size, tuple(frontier))

    def root(self) -> bytes:
        """MTH of RFC 6962: the subtrees joined from the smallest up."""
        if not self.frontier:
            return EMPTY_ROOT
        *larger, top = self.frontier
        for left in reversed(larger):
            top = node_hash(left, top)
        return top

    def packed(self) -> bytes:
        """The frontier as one string of 32-byte hashes, the largest subtree first."""
        return b"".join(self.frontier)

    @classmethod
    def unpacked(cls, size: int, frontier: bytes) -> Tree:
        """The inverse of packed(). Raises ValueError when the frontier is not one of `size` leaves."""
        count, rest = divmod(len(frontier), HASH_BYTES)
        if rest:
            raise ValueError("a frontier is made of whole hashes")
        return cls(size, tuple(frontier[HASH_BYTES * i : HASH_BYTES * (i + 1)] for i in range(count)))
