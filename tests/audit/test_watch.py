"""Silence and lag: what makes an alarm, and when sealing counts as stopped."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audit.sealer import Sealer
from audit.watch import Sealing, is_sealing, sealing
from tests.audit.cast import committed
from tests.audit.sealing import eventually, slow_writer
from tests.audit.standstill import silent_for, waiting_for

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("silence", "lag", "well", "alarming", "stopped"),
    [
        (None, None, False, False, False),
        (MINUTE, None, True, False, False),
        (MINUTE, MINUTE, True, False, False),
        (3 * MINUTE, None, False, True, False),
        (MINUTE, 3 * MINUTE, False, True, False),
        (None, 3 * MINUTE, False, True, False),
        (11 * MINUTE, None, False, True, True),
        (MINUTE, 11 * MINUTE, False, True, True),
        (None, 11 * MINUTE, False, True, True),
    ],
)
def test_what_silence_and_lag_mean(
    silence: timedelta | None, lag: timedelta | None, well: bool, alarming: bool, stopped: bool
) -> None:
    state = Sealing(silence=silence, lag=lag)
    assert (state.is_well, state.is_alarming, state.has_stopped) == (well, alarming, stopped)


@pytest.mark.django_db
def test_both_are_read_by_the_database_s_clock() -> None:
    assert sealing() == Sealing(silence=None, lag=None)
    silent_for(minutes=5)
    waiting_for(minutes=20)
    committed()
    state = sealing()
    assert state.silence is not None
    assert state.lag is not None
    assert 5 * MINUTE <= state.silence < 6 * MINUTE
    assert 20 * MINUTE <= state.lag < 21 * MINUTE


@pytest.mark.django_db(transaction=True)
def test_a_transaction_left_open_shows_in_the_lag_while_the_sealer_lives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("audit.watch.ALARM", timedelta(seconds=1))
    sealer = Sealer()
    with slow_writer() as commit:
        committed()
        eventually(lambda: sealing().is_alarming)
        sealer.step()
        assert sealing().is_alarming
        assert not is_sealing()
        commit()
        sealer.seal_pending()
        sealer._beat()
        assert is_sealing()
    assert sealing().lag is None
