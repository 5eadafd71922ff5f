"""The Merkle tree of RFC 6962 section 2.1, grown one leaf at a time, once with each hash function.

A tree over n leaves splits at k, the largest power of two below n. Reading n in binary, it is a row of
perfect subtrees, one for each bit that is set, the largest first: their hashes are the frontier, all that is
needed to add leaves and to tell the root.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from audit.digests import DIGESTS, HASH_BYTES, sha256, sm3


class LeafHashes(NamedTuple):
    """The hashes of one leaf, 32 bytes each."""

    sha256: bytes
    sm3: bytes


def leaf_hash(data: bytes, *, algorithm: str = "sha256") -> bytes:
    """H(0x00 || data): the prefix keeps a leaf from passing for a node."""
    return DIGESTS[algorithm](b"\x00" + data)


def node_hash(left: bytes, right: bytes, *, algorithm: str = "sha256") -> bytes:
    """H(0x01 || left || right)."""
    return DIGESTS[algorithm](b"\x01" + left + right)


def leaf_hashes(data: bytes) -> LeafHashes:
    leaf = b"\x00" + data
    return LeafHashes(sha256(leaf), sm3(leaf))


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree of `size` leaves. Growing yields another tree, so that a failed write leaves none half grown."""

    size: int = 0
    frontier: tuple[bytes, ...] = ()
    algorithm: str = "sha256"

    def __post_init__(self) -> None:
        if len(self.frontier) != self.size.bit_count():
            raise ValueError(f"a tree of {self.size} leaves has {self.size.bit_count()} perfect subtrees")

    def grown(self, leaves: Iterable[bytes]) -> Tree:
        """The tree with these leaf hashes added, in their order. O(1) hashes a leaf on average."""
        size, frontier, digest = self.size, list(self.frontier), DIGESTS[self.algorithm]
        for leaf in leaves:
            top = leaf
            # As in counting: each trailing 1 of the size is a subtree as tall as the one carried; they join.
            carried = size
            while carried & 1:
                top = digest(b"\x01" + frontier.pop() + top)
                carried >>= 1
            frontier.append(top)
            size += 1
        return Tree(size, tuple(frontier), self.algorithm)

    def root(self) -> bytes:
        """MTH of RFC 6962: the subtrees joined from the smallest up."""
        if not self.frontier:
            return DIGESTS[self.algorithm](b"")
        *larger, top = self.frontier
        for left in reversed(larger):
            top = node_hash(left, top, algorithm=self.algorithm)
        return top

    def packed(self) -> bytes:
        """The frontier as one string of 32-byte hashes, the largest subtree first."""
        return b"".join(self.frontier)

    @classmethod
    def unpacked(cls, size: int, frontier: bytes, *, algorithm: str = "sha256") -> Tree:
        """The inverse of packed(). Raises ValueError when the frontier is not one of `size` leaves."""
        count, rest = divmod(len(frontier), HASH_BYTES)
        if rest:
            raise ValueError("a frontier is made of whole hashes")
        hashes = tuple(frontier[HASH_BYTES * i : HASH_BYTES * (i + 1)] for i in range(count))
        return cls(size, hashes, algorithm)


@dataclass(frozen=True, slots=True)
class Trees:
    """Both trees over the same leaves in the same order. Raises ValueError when their sizes differ."""

    sha256: Tree = Tree(algorithm="sha256")
    sm3: Tree = Tree(algorithm="sm3")

    def __post_init__(self) -> None:
        if self.sha256.size != self.sm3.size:
            raise ValueError(f"trees of {self.sha256.size} and {self.sm3.size} leaves do not belong together")

    @property
    def size(self) -> int:
        return self.sha256.size

    def grown(self, leaves: Sequence[LeafHashes]) -> Trees:
        return Trees(
            sha256=self.sha256.grown(leaf.sha256 for leaf in leaves),
            sm3=self.sm3.grown(leaf.sm3 for leaf in leaves),
        )
