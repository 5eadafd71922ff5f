"""Code that turns phones into samples. Pure: no Django, no platform."""

from synthesis.engines.base import (
    EMOTIONS,
    Delivery,
    EmptyPhrase,
    Engine,
    EngineError,
    EngineFailed,
    EngineNotInstalled,
    PhraseTooLong,
    Sound,
    UnknownPhone,
    UnsupportedEmotion,
    UnsupportedPitch,
)
from synthesis.engines.registry import engine_names, get_engine

__all__ = [
    "EMOTIONS",
    "Delivery",
    "EmptyPhrase",
    "Engine",
    "EngineError",
    "EngineFailed",
    "EngineNotInstalled",
    "PhraseTooLong",
    "Sound",
    "UnknownPhone",
    "UnsupportedEmotion",
    "UnsupportedPitch",
    "engine_names",
    "get_engine",
]
