#!/usr/bin/env python
"""Django's command line. It puts `platform/` on the path, which must not be a package itself."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main() -> None:
    root = Path(__file__).resolve().parent
    sys.path[:0] = [str(root / "platform"), str(root)]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "govvoice.settings")

    from django.core.management import execute_from_command_line

    from govvoice import connecting
    from govvoice.embedded import environ

    environ.fill()
    connecting.choose_for_command(sys.argv)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
