"""Folders that every server can reach, short enough for sockets, and ours."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from govvoice.embedded import places
from govvoice.embedded.places import Places, UnsafeFolderError
from tests.embedded.launching import open_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as made:
        yield made


def remove_outside(here: Places) -> None:
    """What `prepare` had to put elsewhere."""
    for link in (here.sockets, here.postgres):
        if link.is_symlink():
            shutil.rmtree(link.resolve())


def test_a_short_var_folder_keeps_everything_in_itself(folder: Path) -> None:
    here = Places(folder / "var")
    here.prepare()
    here.prepare()
    assert here.socket_folder == here.run / "sockets"
    assert here.postgres.resolve() == here.var / "postgres"


def test_a_folder_closed_to_the_server_s_account_is_worked_around(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    here = Places(closed / "var")
    here.prepare()
    try:
        for used in (here.socket_folder, here.postgres.resolve()):
            assert places.server_can_reach(used)
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    finally:
        remove_outside(here)


def test_a_var_folder_that_is_moved_deeper_gets_short_sockets(folder: Path) -> None:
    Places(folder / "var").prepare()
    deep = folder / ("d" * 90)
    deep.mkdir(mode=0o711)
    (folder / "var").rename(deep / "var")
    here = Places(deep / "var")
    here.prepare()
    try:
        assert len(os.fsencode(here.socket_folder)) <= places.LONGEST_SOCKET_FOLDER
        assert here.sockets.is_symlink()
    finally:
        remove_outside(here)


def test_two_deep_var_folders_do_not_share_sockets(folder: Path) -> None:
    both = [Places(folder / ("d" * 90) / name) for name in ("one", "two")]
    for part in both:
        part.var.mkdir(parents=True, mode=0o711)
        part.prepare()
    try:
        assert both[0].socket_folder != both[1].socket_folder
    finally:
        for part in both:
            remove_outside(part)


def test_a_link_that_somebody_put_in_the_way_is_refused(folder: Path) -> None:
    (folder / "theirs").mkdir()
    (folder / "trap").symlink_to(folder / "theirs")
    with pytest.raises(UnsafeFolderError, match="trap"):
        places.own_folder(folder / "trap")
