"""Sambert voices for operators: fetched from a hub or taken from a folder, checked, listed, kept, removed."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseFailure

from audit.errors import AuditError
from audit.parties import SYSTEM
from synthesis import archives, broadcast_speakers, enrolment, installation
from synthesis.engines.base import EngineError, EngineNotInstalled
from synthesis.engines.kokoro.fetch import absence
from synthesis.engines.sambert.folder import FolderError
from synthesis.engines.sambert.hub import FetchError
from synthesis.engines.sambert.snapshot import MODEL, Snapshot
from synthesis.errors import SpeechError
from synthesis.installation import Added, Wishes
from synthesis.models import Speaker, Voice

_Result = TypeVar("_Result")
_FETCH_FAULTS: Final = {
    "not_installed": "未安装下载组件，请用 make setup VOICE=sambert 安装",
    "bad_name": "模型编号或版本有误",
    "not_found": "模型仓库中没有这个模型或版本",
    "refused": "模型仓库拒绝访问，私有模型请设置 MODELSCOPE_API_TOKEN",
    "network": "网络中断，已下载的部分保留，再次执行即从断点继续",
    "damaged": "文件与仓库公布的摘要不符，再次执行将重新下载该文件",
    "no_space": "磁盘空间不足或无法写入",
    "unsafe": "模型仓库列出了不安全的文件名，已拒绝",
}
_TENSOR_FAULTS: Final = {
    "missing": "缺少张量",
    "unexpected": "多余张量",
    "shape": "张量形状不符",
    "dtype": "张量类型不符",
    "not_finite": "张量含无效数值",
}
_OUTCOMES: Final = {
    "new": "新音色，已启用",
    "returned": "已重新启用",
    "candidate": "该代码已有音色在用，新模型作为候选版本，流量为 0；请在音色页面试听、分配流量、转正",
    "unchanged": "已在使用，没有变化",
}
_STEP: Final = 2.0  # seconds between two lines on the same file


class Command(BaseCommand):
    help = "管理 Sambert 音色：下载、添加、检查、列出、归档、移除 / manage Sambert voices"

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="deed", required=True, metavar="操作")
        fetch = commands.add_parser("fetch", help="从 ModelScope 下载并添加")
        fetch.add_argument("model", help="模型编号，如 damo/speech_sambert-hifigan_tts_zhitian_emo_zh-cn_16k")
        fetch.add_argument("--revision", default="master", help="版本（master）")
        fetch.add_argument("--endpoint", help="模型仓库地址（https://www.modelscope.cn）")
        _add_wishes(fetch)
        add = commands.add_parser("add", help="添加本机目录中的模型（离线）")
        add.add_argument("folder", type=Path, help="模型目录，其中有 configuration.json 和 voices/")
        _add_wishes(add)
        check = commands.add_parser("check", help="检查模型目录：配置与权重逐项核对")
        check.add_argument("folder", help="模型目录，或已安装模型的名称")
        commands.add_parser("list", help="列出音色、已安装与已归档的模型")
        remove = commands.add_parser("remove", help="停用音色，并删除不再使用的模型")
        remove.add_argument("name", help="音色代码，或已安装模型的名称")
        emotions = commands.add_parser("emotions", help="开放经过试听确认的情感")
        emotions.add_argument("code", help="音色代码")
        emotions.add_argument("emotions", help="对外提供的情感代码，逗号分隔，如 neutral,happy")
        archive = commands.add_parser("archive", help="把已安装的模型连同摘要存入归档")
        archive.add_argument("name", help="已安装模型的名称")
        restore = commands.add_parser("restore", help="从归档恢复模型并登记音色")
        restore.add_argument("name", help="归档名称，见 voices list")
        _add_wishes(restore)

    def handle(self, *args: Any, **options: Any) -> None:
        deed: Callable[[dict[str, Any]], None] = getattr(self, f"_{options['deed']}")
        _orderly(lambda: deed(options))

    # --- coming in ---------------------------------------------------------------------------------------

    def _fetch(self, options: dict[str, Any]) -> None:
        fetched = installation.fetch(
            options["model"],
            revision=options["revision"],
            endpoint=options["endpoint"],
            progress=_Progress(self._say),
        )
        total = sum(file.size for file in fetched.files)
        self._say(f"下载完成：{len(fetched.files)} 个文件，{_megabytes(total)}，摘要与仓库一致")
        self._require_sound(fetched.folder)
        added = installation.add(
            fetched.folder,
            source=options["model"],
            revision=options["revision"],
            wishes=_wishes(options),
            actor=SYSTEM,
            origin=None,
        )
        installation.drop_fetched(fetched)
        self._show_added(added)

    def _add(self, options: dict[str, Any]) -> None:
        folder = options["folder"].absolute()
        self._require_sound(folder)
        added = installation.add(
            folder, source=folder.name, revision="", wishes=_wishes(options), actor=SYSTEM, origin=None
        )
        self._show_added(added)

    def _restore(self, options: dict[str, Any]) -> None:
        kept = archives.restore(
            name=options["name"], actor=SYSTEM, origin=None, progress=lambda name, _: self._say(f"  {name}")
        )
        self._say(f"已从归档恢复 {kept.name}：{len(kept.files)} 个文件，摘要全部一致")
        self._show_added(
            installation.enrol_installed(kept.name, wishes=_wishes(options), actor=SYSTEM, origin=None)
        )

    def _show_added(self, added: Iterable[Added]) -> None:
        for one in added:
            voice, record = one.voice, one.record
            self._say(f"音色 {voice.code}（{voice.speaker.name}）：{_OUTCOMES[one.outcome]}")
            offered = [row for row in voice.voiceemotion_set.select_related("emotion") if row.is_active]
            self._say(f"  情感：{'、'.join(str(row) for row in offered)}")
            self._say("  其余情感未经试听确认，暂不提供；试听后在音色页面或用 voices emotions 开放")
            self._say(f"  声码器：{record.settings.runtime}，{record.settings.precision}，本机单线程：")
            for name, figure in record.measured.items():
                self._say(f"    {name:<18}{figure:g}")
            self._show_licence(one.installed)

    def _show_licence(self, installed: Snapshot) -> None:
        self._say(f"  许可：{installed.licence or '模型未说明，请向提供者核实后再使用'}")
        self._say(f"  许可全文与来源保存在 {installation.root() / installed.name / MODEL}，使用前请阅读")

    # --- looking -----------------------------------------------------------------------------------------

    def _check(self, options: dict[str, Any]) -> None:
        given = Path(options["folder"])
        inside = installation.root() / options["folder"] / MODEL
        self._require_sound(inside if not given.exists() and inside.is_dir() else given.absolute())
        self._say("检查通过")

    def _require_sound(self, folder: Path) -> None:
        """Shows what each voice is, and everything that is wrong. Raises CommandError when anything is."""
        report = installation.examine(folder)
        for name in report.absent:
            self._say(f"提示：voices.json 列出的 {name} 不在目录中，已跳过")
        for voice in report.voices:
            if voice.parameters:
                self._say(
                    f"音色 {voice.name}：{voice.sample_rate} Hz，{voice.mels} 维，"
                    f"{voice.parameters:,} 个参数，声学 {voice.acoustic_checkpoint}，"
                    f"声码器 {voice.vocoder_checkpoint}，"
                    f"{'因果' if voice.is_causal else '非因果'}{'，NSF' if voice.has_source else ''}"
                )
            for finding in voice.findings:
                kind = f"{_TENSOR_FAULTS[finding.tensor]}：" if finding.tensor else ""
                self._say(f"错误：{finding.place}：{kind}{finding.what}")
        if report.findings:
            raise CommandError(f"检查未通过：{len(report.findings)} 处错误，见上；未做任何改动")

    def _list(self, options: dict[str, Any]) -> None:
        for voice in Voice.objects.select_related("speaker").order_by("engine", "code"):
            state = "默认" if voice.is_default else "启用" if voice.is_active else "停用"
            self._say(f"{voice.code:<20}{voice.speaker.name}  {state}  {voice.engine} {voice.model}")
            if voice.candidate_model:
                self._say(f"{'':<20}候选 {voice.candidate_model}，流量 {voice.candidate_share}%")
        for one in installation.installed():
            names = "、".join(one.voices)
            self._say(f"已安装 {one.name}：{_megabytes(one.size)}，音色 {names}")
            self._say(f"{'':<20}来自 {one.source}，{one.added_at}")
        for name in archives.archived():
            self._say(f"已归档 {name}")
        missing = absence(settings.VOICES_DIR / broadcast_speakers.ENGINE)
        if missing:
            self._say(f"播报发音人不可用：{missing}")

    # --- changing ----------------------------------------------------------------------------------------

    def _remove(self, options: dict[str, Any]) -> None:
        voice = Voice.objects.select_related("speaker").filter(code=options["name"], is_active=True).first()
        if voice is None:
            if not installation.discard_unused(options["name"]):
                raise CommandError("没有这个在用音色；若是已安装的模型，则仍有音色在使用它，或它并未安装")
            self._say(f"已删除模型 {options['name']}")
            return
        if voice.engine != installation.ENGINE:
            raise CommandError(f"音色 {voice.code} 随平台提供，请在管理后台停用")
        removed = installation.remove_voice(voice, actor=SYSTEM, origin=None)
        self._say(f"音色 {voice.code} 已停用，历史记录保留")
        for name in removed:
            self._say(f"已删除模型 {name}")

    def _emotions(self, options: dict[str, Any]) -> None:
        voice = _voice(options["code"])
        wanted = [code.strip() for code in options["emotions"].split(",") if code.strip()]
        enrolment.offer_emotions(voice=voice, offered=wanted, actor=SYSTEM, origin=None)
        self._say(f"音色 {voice.code} 现提供：{'、'.join(wanted)}")

    def _archive(self, options: dict[str, Any]) -> None:
        kept = archives.archive(
            name=options["name"], actor=SYSTEM, origin=None, progress=lambda name, _: self._say(f"  {name}")
        )
        self._say(f"已归档 {kept.name}：{len(kept.files)} 个文件，{_megabytes(kept.size)}")

    def _say(self, line: str) -> None:
        self.stdout.write(line)


class _Progress:
    """A line when a file begins to come, every two seconds, and when it is there; from any thread."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._told: dict[str, float] = {}
        self._lock = Lock()

    def __call__(self, name: str, done: int, size: int) -> None:
        with self._lock:
            now = time.monotonic()
            if done < size and now - self._told.get(name, 0.0) < _STEP:
                return
            self._told[name] = now
            self._say(f"  {name}  {100 * done // size if size else 100}%（{_megabytes(size)}）")
            sys.stdout.flush()


def _add_wishes(parser: ArgumentParser) -> None:
    parser.add_argument("--voice", action="append", default=[], help="只取其中的音色，可多次给出（全部）")
    parser.add_argument("--code", default="", help="音色代码（取模型中的名称）")
    parser.add_argument("--name", default="", help="发音人名称")
    parser.add_argument("--gender", default="", choices=["", *Speaker.Gender.values], help="性别（按听感）")
    parser.add_argument("--speaker", default="", help="写入标签的说话人名（取模型的约定）")
    parser.add_argument(
        "--speed", default="", choices=["", *Voice.SpeedClass.values], help="适用：实时或播报（按实测速度）"
    )
    parser.add_argument(
        "--runtime", default="auto", choices=["auto", "torch", "onnx"], help="声码器运行方式（实测择优）"
    )
    parser.add_argument(
        "--precision",
        default="fp32",
        choices=["fp32", "bf16"],
        help="声码器精度；bf16 仅在实测够好时采用",
    )


def _wishes(options: dict[str, Any]) -> Wishes:
    return Wishes(
        voices=tuple(options["voice"]),
        code=options["code"],
        name=options["name"],
        gender=options["gender"],
        speaker=options["speaker"],
        speed=options["speed"],
        runtime=options["runtime"],
        precision=options["precision"],
    )


def _voice(code: str) -> Voice:
    voice = Voice.objects.select_related("speaker").filter(code=code).first()
    if voice is None:
        raise CommandError(f"没有代码为 {code} 的音色")
    return voice


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def _orderly(act: Callable[[], _Result]) -> _Result:
    """What can go wrong with an operator's input, files or machine becomes one clear line."""
    try:
        return act()
    except FetchError as error:
        raise CommandError(f"{_FETCH_FAULTS[error.reason]}：{error.what}") from error
    except FolderError as error:
        raise CommandError(f"模型目录有误：{error}") from error
    except EngineNotInstalled as error:
        raise CommandError(f"模型不可用：{error}") from error
    except SpeechError as error:
        raise CommandError(str(error.message)) from error
    except ValidationError as error:
        raise CommandError(f"登记内容有误：{'；'.join(error.messages)}") from error
    except (EngineError, AuditError) as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"无法读写：{error}") from error
    except DatabaseFailure as error:
        raise CommandError(f"数据库不可用：{error}") from error
