"""The tree against the vectors of Certificate Transparency and against its own recursive definition."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import digests
from audit.checks import evidence_can_be_hashed
from audit.errors import AlgorithmMissing
from audit.merkle import Tree, Trees, leaf_hash, leaf_hashes, node_hash

# The eight leaves that Certificate Transparency's reference tests use, and the roots of their first n.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# The same tree with SM3: there are no published vectors, so these hold the tree to its own definition. SM3
# itself is held to the vector of GB/T 32905 below.
SM3_ROOTS = {
    0: ("1ab21d83", "aa2b"),
    1: ("2daef60e", "7fdf"),
    2: ("0b990fe0", "cc4d"),
    3: ("209ec96a", "ea56"),
}
SM3_ROOTS |= {5: ("bb10c996", "103b"), 8: ("bc48ba7a", "3b38")}


def recursive_root(leaves: list[bytes], algorithm: str = "sha256") -> bytes:
    """MTH as RFC 6962 section 2.1 writes it down."""
    if not leaves:
        return hashlib.new(algorithm, b"").digest()
    if len(leaves) == 1:
        return hashlib.new(algorithm, b"\x00" + leaves[0]).digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    left, right = recursive_root(leaves[:k], algorithm), recursive_root(leaves[k:], algorithm)
    return hashlib.new(algorithm, b"\x01" + left + right).digest()


@pytest.mark.parametrize("size", range(9))
def test_known_roots(size: int) -> None:
    tree = Tree().grown(leaf_hash(leaf) for leaf in LEAVES[:size])
    assert tree.root().hex() == ROOTS[size]
    assert recursive_root(LEAVES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize("size", SM3_ROOTS)
def test_known_roots_by_sm3(size: int) -> None:
    tree = Tree(algorithm="sm3").grown(leaf_hash(leaf, algorithm="sm3") for leaf in LEAVES[:size])
    begins, ends = SM3_ROOTS[size]
    assert tree.root().hex().startswith(begins)
    assert tree.root().hex().endswith(ends)
    assert tree.root() == recursive_root(LEAVES[:size], "sm3")


@pytest.mark.parametrize("sm3", [digests.sm3, digests._by_hashlib(), digests._by_cryptography()])
def test_sm3_is_that_of_the_standard(sm3: Callable[[bytes], bytes]) -> None:
    assert sm3(b"abd") != sm3(b"abc")
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_a_machine_without_sm3_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.digests._sm3", digests._by_nobody)
    with pytest.raises(AlgorithmMissing, match="SM3"):
        leaf_hashes(b"")
    assert [error.id for error in evidence_can_be_hashed()] == ["audit.E001"]


def test_both_trees_grow_together() -> None:
    trees = Trees().grown([leaf_hashes(leaf) for leaf in LEAVES[:3]]).grown([leaf_hashes(LEAVES[3])])
    assert trees.size == 4
    assert trees.sha256.root() == recursive_root(LEAVES[:4])
    assert trees.sm3.root() == recursive_root(LEAVES[:4], "sm3")
    with pytest.raises(ValueError, match="do not belong together"):
        Trees(sha256=Tree().grown([leaf_hash(b"")]))


def test_a_node_is_no_leaf() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert node_hash(left, right) == Tree().grown([left, right]).root()
    assert node_hash(left, right) != leaf_hash(left + right)


@given(st.lists(st.lists(st.binary(max_size=8), max_size=40), max_size=6))
def test_a_tree_grown_in_batches_has_the_root_of_its_definition(batches: list[list[bytes]]) -> None:
    tree, leaves = Tree(), list[bytes]()
    for batch in batches:
        tree = Tree.unpacked(tree.size, tree.packed()).grown(map(leaf_hash, batch))
        leaves += batch
        assert tree.size == len(leaves)
        assert tree.root() == recursive_root(leaves)


def test_growing_leaves_the_tree_it_grew_from_alone() -> None:
    tree = Tree().grown([leaf_hash(b"a")])
    tree.grown([leaf_hash(b"b")])
    assert tree.root() == leaf_hash(b"a")


def test_a_frontier_must_fit_its_size() -> None:
    with pytest.raises(ValueError, match="3 leaves has 2 perfect subtrees"):
        Tree.unpacked(3, bytes(32))
    with pytest.raises(ValueError, match="whole hashes"):
        Tree.unpacked(1, bytes(31))
