"""How a sender goes on through outages of its receiver."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from audit.syslog import Receiver

_POLL = 1.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0


def keep_sending(
    send_new: Callable[[], int],
    receiver: Receiver,
    *,
    what: str,
    failures: tuple[type[Exception], ...],
    done: threading.Event,
    logger: logging.Logger,
) -> None:
    """Calls `send_new` every second until `done`, less often while it fails.

    An outage is logged once, and its end once; `what` names what is sent, in the plural. What is not among
    `failures` is raised.
    """
    pause, down = _FIRST_PAUSE, False
    while not done.is_set():
        try:
            send_new()
        except failures as failure:
            if not down:
                logger.warning("%s do not reach %s, trying again until they do: %s", what, receiver, failure)
            done.wait(pause)
            pause, down = min(2 * pause, _LONGEST_PAUSE), True
        else:
            if down:
                logger.info("%s reach %s again", what, receiver)
            pause, down = _FIRST_PAUSE, False
            done.wait(_POLL)
