"""Speaks a text into a file, in this process: for operators who want to hear, and see the figures."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseFailure
from django.db import transaction

from audit.errors import AuditError
from audit.parties import SYSTEM, Target
from audit.services import record
from synthesis import audio, pipeline
from synthesis.casting import Performer
from synthesis.clearance import blocked, clear
from synthesis.engines.base import EngineError, Sound
from synthesis.engines.registry import engine_names, get_engine
from synthesis.errors import SpeechError
from synthesis.models import Voice
from synthesis.pipeline import Part, Plan, Sounding
from synthesis.screening import reference
from synthesis.services import ssml_details
from synthesis.spec import SpeechSpec

_Result = TypeVar("_Result")
_SPOKEN = ("text", "is_ssml", "voice", "emotion", "intensity", "rate", "pitch", "volume", "sample_rate")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A part as it was spoken, and the seconds that it took."""

    part: Part
    sound: Sound
    took: float


class Command(BaseCommand):
    help = "将文本合成为音频文件，并显示分句、拼音、时长与实时率 / speak a text into a file"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("text", help="要合成的文本")
        parser.add_argument("--ssml", action="store_true", dest="is_ssml", help="文本是 SSML")
        parser.add_argument("-o", "--output", type=Path, required=True, help="输出文件：.wav 或 .pcm")
        parser.add_argument("--voice", help="发音人编号，缺省为平台默认发音人")
        parser.add_argument("--emotion", default="neutral", help="情感编号（neutral）")
        parser.add_argument("--intensity", type=float, default=1.0, help="情感强度 0.01-2.0（1.0）")
        parser.add_argument("--rate", type=float, default=1.0, help="语速倍数 0.5-2.0（1.0）")
        parser.add_argument("--pitch", type=float, default=0.0, help="升降调，半音 -12 至 12（0）")
        parser.add_argument("--volume", type=int, default=50, help="音量 0-100（50）")
        parser.add_argument("--sample-rate", type=int, choices=audio.OUTPUT_RATES, help="采样率（Hz）")
        parser.add_argument(
            "--engine-only",
            choices=engine_names(),
            metavar="ENGINE",
            help="只用该引擎，不用数据库：不查发音人、只按随平台提供的敏感词审查、不记审计日志",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        spec = SpeechSpec(**{name: options[name] for name in _SPOKEN}, format=_format(options["output"]))
        plan = _orderly(lambda: _plan(spec, options["engine_only"]))
        self._show_reading(plan)
        spoken = _orderly(lambda: _speak(plan))
        sounding = _orderly(lambda: pipeline.assemble(plan, [_as_wav(part.sound) for part in spoken]))
        if not options["engine_only"]:
            _orderly(lambda: _record(plan))
        _orderly(lambda: options["output"].write_bytes(sounding.audio))
        self._show_sound(options["output"], spoken, sounding)

    def _show_reading(self, plan: Plan) -> None:
        self.stdout.write(f"引擎 {plan.voice.engine}（{plan.engine_version}）")
        for number, part in enumerate(plan.parts, 1):
            phrase = part.phrase
            self.stdout.write(
                f"{number:3} {phrase.text}\n    {' '.join(phrase.phones)}  停顿 {phrase.pause:g} 秒"
            )
            if plan.spec.is_ssml:
                self.stdout.write(f"    {_manner(part)}")
        for piece in plan.script.unreadable:
            self.stdout.write(f"无法朗读：第 {piece.start + 1} 个字“{piece.text}”（{piece.reason}）")

    def _show_sound(self, output: Path, spoken: Sequence[Spoken], sounding: Sounding) -> None:
        for number, part in enumerate(spoken, 1):
            self.stdout.write(
                f"{number:3} {part.sound.seconds:6.2f} 秒，用时 {part.took * 1000:5.0f} 毫秒，"
                f"实时率 {part.took / part.sound.seconds:.4f}"
            )
        took = sum(part.took for part in spoken)
        seconds = sum(part.sound.seconds for part in spoken)
        self.stdout.write(
            f"合计 {sounding.seconds:.2f} 秒（含停顿），用时 {took:.3f} 秒，实时率 {took / seconds:.4f}，"
            f"峰值 {_peak(spoken):.1f} dBFS\n已写入 {output}（{len(sounding.audio)} 字节）"
        )


def _orderly(act: Callable[[], _Result]) -> _Result:
    """What can go wrong with an operator's input or machine becomes one clear line."""
    try:
        return act()
    except SpeechError as error:
        raise CommandError(str(error.message)) from error
    except ValueError as error:
        raise CommandError(f"参数超出范围：{error}") from error
    except OSError as error:
        raise CommandError(f"无法写入：{error}") from error
    except (EngineError, AuditError) as error:
        raise CommandError(str(error)) from error
    except DatabaseFailure as error:
        raise CommandError(f"数据库不可用（可用 --engine-only 只试引擎）：{error}") from error


def _format(output: Path) -> str:
    suffix = output.suffix.removeprefix(".").lower()
    if suffix not in audio.FORMATS:
        raise CommandError(f"不支持的输出格式“{output.name}”，可用：{'、'.join(audio.FORMATS)}")
    return suffix


def _manner(part: Part) -> str:
    said = part.delivery
    return (
        f"{part.voice.code}  {said.emotion} {said.intensity:g}  语速 {said.rate:g}  语调 {said.pitch:g}"
        f"  音量 {part.volume}"
    )


def _plan(spec: SpeechSpec, engine_only: str | None) -> Plan:
    if engine_only is not None:
        return _plan_without_database(spec, engine_only)
    cleared = clear(spec, actor=SYSTEM)
    if cleared.undecided:
        raise blocked(spec, cleared.undecided[0].start)  # nobody waits at a terminal for a decision
    return cleared.plan


def _plan_without_database(spec: SpeechSpec, name: str) -> Plan:
    engine = get_engine(name, folder=settings.VOICES_DIR)
    voice = Voice(code=name, engine=name, sample_rate=engine.sample_rate)
    performer = Performer(voice, engine, engine.emotions)
    markup = pipeline.markup_of(spec)
    if markup and markup.voices:
        raise CommandError("只用引擎时没有其他发音人可选，请去掉 SSML 中的 voice")
    plan = pipeline.plan_of(spec, pipeline.read_by(spec, markup, {None: performer}, {}))
    _judge_by_shipped_words(plan)
    return plan


def _judge_by_shipped_words(plan: Plan) -> None:
    """Without a database there are no other lists to judge by."""
    shipped = reference.matcher()
    if any(shipped.judge(text).blocked for text in (plan.spoken, plan.script.normalized)):
        raise CommandError("文本含有随平台提供的敏感词，不予合成")


def _speak(plan: Plan) -> list[Spoken]:
    # The first run of a graph also allocates its memory: the figures are those of a worker that is warm.
    _sound(plan.parts[0])
    spoken = []
    for part in plan.parts:
        begun = time.perf_counter()
        sound = _sound(part)
        spoken.append(Spoken(part, sound, time.perf_counter() - begun))
    return spoken


def _sound(part: Part) -> Sound:
    engine = get_engine(part.voice.engine, folder=settings.VOICES_DIR, model=part.voice.model)
    return engine.speak(part.phrase, part.delivery)


def _as_wav(sound: Sound) -> bytes:
    return audio.FORMATS["wav"].encode(sound.samples, sound.sample_rate)


def _peak(spoken: Sequence[Spoken]) -> float:
    """The loudest sample as the engine made it, in dB below full scale; silence is -inf."""
    level = max(float(np.abs(part.sound.samples).max()) for part in spoken)
    return 20 * float(np.log10(level)) if level else float("-inf")


@transaction.atomic
def _record(plan: Plan) -> None:
    """An operator's words are evidence as well as anybody's."""
    record(
        action="speech.requested",
        actor=SYSTEM,
        target=Target(type="speech", name=plan.voice.code),
        text=plan.spec.text,
        details={"voice": plan.voice.code, "emotion": plan.spec.emotion, "by": "manage.py speak"}
        | (ssml_details(plan) if plan.spec.is_ssml else {}),
    )
