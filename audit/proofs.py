"""Proofs over the tree of RFC 6962: that a leaf is in it, and that a later tree is an earlier one grown.

A proof is a list of hashes of subtrees. Which subtrees those are follows from the numbers alone, so a proof
is planned first, as ranges of leaves, and then filled in one pass over the leaves, however many there are.

Whoever verifies a proof gives sizes and roots from heads that he trusts. Every hash of a proof is used, and a
proof with one hash more or fewer is refused (RFC 9162 sections 2.1.3.2 and 2.1.4.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from audit.digests import DIGESTS
from audit.merkle import Tree, node_hash

Range = tuple[int, int]  # leaves from the first to before the second
_BATCH = 4096


def inclusion_plan(seq: int, size: int) -> list[Range]:
    """PATH of RFC 6962 section 2.1.1: the siblings from the leaf up. Raises ValueError when seq >= size."""
    if not 0 <= seq < size:
        raise ValueError(f"leaf {seq} is not in a tree of {size} leaves")
    start, end, plan = 0, size, list[Range]()
    while end - start > 1:
        middle = start + _split(end - start)
        if seq < middle:
            plan.append((middle, end))
            end = middle
        else:
            plan.append((start, middle))
            start = middle
    return plan[::-1]


def consistency_plan(first: int, second: int) -> list[Range]:
    """PROOF of RFC 6962 section 2.1.2, between trees of these sizes; empty when one is empty or both are one.

    Raises ValueError when the first is larger.
    """
    if not 0 <= first <= second:
        raise ValueError(f"a tree of {first} leaves did not grow into one of {second}")
    if first in (0, second):
        return []
    start, end, plan = 0, second, list[Range]()
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            plan.append((middle, end))
            end = middle
        else:
            plan.append((start, middle))
            start = middle
    # What remains ends where the older tree does; if it is all of it, its root is known anyway.
    return [*([(start, end)] if start else []), *plan[::-1]]


def filled(plan: Sequence[Range], leaves: Iterable[bytes], *, algorithm: str) -> list[bytes]:
    """The hash of each planned subtree, from all leaf hashes in their order. Raises ValueError if too few."""
    wanted = sorted(plan)
    found: dict[Range, bytes] = {}
    tree = Tree(algorithm=algorithm)
    held: list[bytes] = []
    at = 0
    for seq, leaf in enumerate(leaves):
        if at == len(wanted):
            break
        start, end = wanted[at]
        if seq >= start:
            held.append(leaf)
        if len(held) == _BATCH or seq + 1 == end:
            tree, held = tree.grown(held), []
        if seq + 1 == end:
            found[start, end] = tree.root()
            tree, at = Tree(algorithm=algorithm), at + 1
    if at < len(wanted):
        raise ValueError(f"the leaves end before {wanted[at][1]}")
    return [found[part] for part in plan]


def includes(
    *, seq: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes, algorithm: str
) -> bool:
    """Whether this leaf hash stands at `seq` in the tree of `size` leaves with this root."""
    if not 0 <= seq < size:
        return False
    plan = inclusion_plan(seq, size)
    if len(plan) != len(proof):
        return False
    for (start, _), sibling in zip(plan, proof, strict=True):
        pair = (sibling, leaf) if start < seq else (leaf, sibling)
        leaf = node_hash(*pair, algorithm=algorithm)
    return leaf == root


def is_consistent(
    *, sizes: tuple[int, int], roots: tuple[bytes, bytes], proof: Sequence[bytes], algorithm: str
) -> bool:
    """Whether the second tree is the first one with leaves added."""
    first, second = sizes
    if not 0 <= first <= second:
        return False
    if first in (0, second):
        known = roots[1] if first else DIGESTS[algorithm](b"")
        return not proof and roots[0] == known
    plan = consistency_plan(first, second)
    if len(plan) != len(proof):
        return False
    return _both_roots(plan, proof, first, roots[0], algorithm) == roots


def _both_roots(
    plan: Sequence[Range], proof: Sequence[bytes], first: int, root: bytes, algorithm: str
) -> tuple[bytes, bytes]:
    """The roots of the older and of the newer tree, from the subtrees of the proof."""
    parts = list(zip(plan, proof, strict=True))
    if plan[0][1] == first:
        older = newer = parts.pop(0)[1]
    else:
        older = newer = root  # the older tree is one perfect subtree of the newer one
    for (start, _), sibling in parts:
        if start < first:
            older = node_hash(sibling, older, algorithm=algorithm)
            newer = node_hash(sibling, newer, algorithm=algorithm)
        else:
            newer = node_hash(newer, sibling, algorithm=algorithm)
    return older, newer


def _split(size: int) -> int:
    """The largest power of two below the size."""
    return 1 << (size - 1).bit_length() - 1
