from __future__ import annotations

from tests.stage import flushable, hotline, nothing_remembered, voice, worker

__all__ = ["flushable", "hotline", "nothing_remembered", "voice", "worker"]
