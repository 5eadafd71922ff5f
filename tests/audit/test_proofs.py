"""Proofs against the definitions of RFC 6962, against pymerkle, and against forgers."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree, InvalidProof, verify_consistency

from audit.digests import DIGESTS
from audit.merkle import Tree, leaf_hash
from audit.proofs import consistency_plan, filled, includes, inclusion_plan, is_consistent
from tests.audit import bundling
from tests.audit.offline.program import verifier
from tests.audit.test_merkle import LEAVES, ROOTS, recursive_root

ALGORITHMS = ["sha256", "sm3"]
# Two ways to verify, the platform's and the one auditors take with them: both must judge alike.


def included(algorithm: str, seq: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    ours = includes(seq=seq, size=size, leaf=leaf, proof=proof, root=root, algorithm=algorithm)
    offline = verifier.inclusion_holds(DIGESTS[algorithm], (seq, size), leaf, proof, root)
    assert ours == offline
    return ours


def consistent(
    algorithm: str, sizes: tuple[int, int], proof: Sequence[bytes], roots: tuple[bytes, bytes]
) -> bool:
    ours = is_consistent(sizes=sizes, roots=roots, proof=proof, algorithm=algorithm)
    assert ours == verifier.consistency_holds(DIGESTS[algorithm], sizes, proof, roots)
    return ours


def leaves(count: int, algorithm: str) -> list[bytes]:
    return [leaf_hash(seq.to_bytes(4, "big"), algorithm=algorithm) for seq in range(count)]


def root(hashes: Sequence[bytes], algorithm: str) -> bytes:
    return Tree(algorithm=algorithm).grown(hashes).root()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("size", range(9))
def test_known_roots_are_those_of_the_offline_verifier_too(algorithm: str, size: int) -> None:
    hashes = [leaf_hash(leaf, algorithm=algorithm) for leaf in LEAVES[:size]]
    offline = verifier.Tree(DIGESTS[algorithm])
    offline.grow(b"".join(hashes))
    known = recursive_root(LEAVES[:size], algorithm)
    assert offline.root() == known == bundling.root(bundling.HASHES[algorithm], hashes)
    assert algorithm == "sm3" or known.hex() == ROOTS[size]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 21])
def test_every_leaf_is_proved_to_be_in_its_tree(algorithm: str, size: int) -> None:
    hashed, hashes = bundling.HASHES[algorithm], leaves(size, algorithm)
    for seq in range(size):
        proof = filled(inclusion_plan(seq, size), hashes, algorithm=algorithm)
        assert proof == bundling.inclusion(hashed, seq, hashes)
        assert included(algorithm, seq, size, hashes[seq], proof, root(hashes, algorithm))
        assert (
            not included(algorithm, seq, size, hashes[seq - 1], proof, root(hashes, algorithm)) or size == 1
        )


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 21])
def test_every_tree_is_proved_to_have_grown(algorithm: str, size: int) -> None:
    hashed, hashes = bundling.HASHES[algorithm], leaves(size, algorithm)
    for first in range(size + 1):
        proof = filled(consistency_plan(first, size), hashes, algorithm=algorithm)
        assert proof == bundling.consistency(hashed, first, hashes)
        roots = (root(hashes[:first], algorithm), root(hashes, algorithm))
        assert consistent(algorithm, (first, size), proof, roots)


@given(st.lists(st.binary(max_size=12), min_size=1, max_size=70), st.data())
@settings(max_examples=60, deadline=None)
def test_pymerkle_agrees_on_random_trees(entries: list[bytes], data: st.DataObject) -> None:
    other = InmemoryTree(algorithm="sha256")
    for entry in entries:
        other.append_entry(entry)
    size = len(entries)
    hashes = [leaf_hash(entry) for entry in entries]
    assert other.get_root() == root(hashes, "sha256")
    seq, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    path = filled(inclusion_plan(seq, size), hashes, algorithm="sha256")
    theirs = other.prove_inclusion(seq + 1, size).serialize()["path"]
    assert {node.hex() for node in path} <= set(theirs)
    assert len(theirs) == len(path) + 1  # theirs begins with the leaf itself
    assert other.get_root(first) == root(hashes[:first], "sha256")
    growth = other.prove_consistency(first, size)
    verify_consistency(other.get_root(first), other.get_root(size), growth)
    ours = filled(consistency_plan(first, size), hashes, algorithm="sha256")
    assert consistent("sha256", (first, size), ours, (other.get_root(first), other.get_root(size)))


def test_pymerkle_refuses_what_we_refuse() -> None:
    other = InmemoryTree(algorithm="sha256")
    for seq in range(6):
        other.append_entry(bytes([seq]))
    with pytest.raises(InvalidProof):
        verify_consistency(other.get_root(3), other.get_root(6), other.prove_consistency(4, 6))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize(("first", "second"), [(1, 2), (3, 7), (4, 7), (6, 8), (8, 21), (13, 21), (20, 21)])
def test_no_forged_proof_of_growth_passes(algorithm: str, first: int, second: int) -> None:
    """Each part is checked: what is cut, added, swapped or changed anywhere fails."""
    hashes = leaves(second, algorithm)
    proof = filled(consistency_plan(first, second), hashes, algorithm=algorithm)
    roots = (root(hashes[:first], algorithm), root(hashes, algorithm))
    other = DIGESTS[algorithm](b"another")
    assert consistent(algorithm, (first, second), proof, roots)
    for forged in _forgeries(proof):
        assert not consistent(algorithm, (first, second), forged, roots)
    for sizes in ((first - 1, second), (second, first), (-1, second), (first, first)):
        assert not consistent(algorithm, sizes, proof, roots)
    for changed in ((other, roots[1]), (roots[0], other), (roots[1], roots[0]), (roots[0], roots[0])):
        assert not consistent(algorithm, (first, second), proof, changed)
    assert not consistent(algorithm, (first, first), [], roots)  # one size, two roots
    assert not consistent(
        algorithm, (0, second), [], roots
    )  # nothing grows out of a root that is not empty's
    assert not consistent(algorithm, (0, second), proof, (DIGESTS[algorithm](b""), roots[1]))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize(("seq", "size"), [(0, 2), (1, 2), (2, 3), (5, 8), (6, 7), (20, 21)])
def test_no_forged_proof_of_inclusion_passes(algorithm: str, seq: int, size: int) -> None:
    hashes = leaves(size, algorithm)
    proof = filled(inclusion_plan(seq, size), hashes, algorithm=algorithm)
    top = root(hashes, algorithm)
    for forged in _forgeries(proof):
        assert not included(algorithm, seq, size, hashes[seq], forged, top)
    for place, tree in ((seq + 1, size), (seq - 1, size), (size, size), (-1, size), (seq, 0), (seq, seq)):
        assert not included(algorithm, place, tree, hashes[seq], proof, top)
    # A node passed off as a leaf: its hash is that of two leaves joined.
    assert not included(algorithm, 0, 1, hashes[seq], [], top)


def _forgeries(proof: Sequence[bytes]) -> list[list[bytes]]:
    changed = [
        [*proof[:at], bytes([node[0] ^ 1]) + node[1:], *proof[at + 1 :]] for at, node in enumerate(proof)
    ]
    cut = [[*proof[:at], *proof[at + 1 :]] for at in range(len(proof))]
    added = [[*proof[:at], bytes(32), *proof[at:]] for at in range(len(proof) + 1)]
    doubled = [[*proof, proof[-1]], [proof[0], *proof]]
    swapped = [list(reversed(proof))] if len(set(proof)) > 1 else []
    return [*changed, *cut, *added, *doubled, *swapped, []]


def test_a_plan_asks_for_what_can_be() -> None:
    for seq, size in ((0, 0), (3, 3), (-1, 3)):
        with pytest.raises(ValueError, match="is not in a tree"):
            inclusion_plan(seq, size)
    with pytest.raises(ValueError, match="did not grow"):
        consistency_plan(4, 3)
    with pytest.raises(ValueError, match="the leaves end before"):
        filled([(0, 4)], leaves(3, "sha256"), algorithm="sha256")
