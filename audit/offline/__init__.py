"""The program that auditors take with them, audit-verify.py: its file, and its formulas for use here.

It is one file of its own on purpose and imports nothing of the platform; the platform may import it.
"""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).with_name("audit-verify.py")


@cache
def program() -> Any:
    """The program as a module; its name has a hyphen, which no import statement takes."""
    spec = importlib.util.spec_from_file_location("audit_verify", PROGRAM)
    if spec is None or spec.loader is None:
        raise ImportError(str(PROGRAM))
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its named tuples are looked up there
    spec.loader.exec_module(module)
    return module
