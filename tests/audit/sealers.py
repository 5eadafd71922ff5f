"""`python -m tests.audit.sealers`: starts a sealer for each line on its standard input, and says its number.

Django is loaded once and each sealer forked from it, so that one may be killed and replaced at once.
"""

from __future__ import annotations

import os
import signal
import sys

import django


def main() -> None:
    django.setup()
    from audit import sealer

    # A head several times a second, so that some kills hit one half made.
    sealer._POLL, sealer._LOCK_POLL, sealer._HEAD_WITH_NEWS = 0.01, 0.01, 0.1
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the killed leave no zombies
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            sealer.run()
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
