"""The PDF report: whose log and what of it, a summary with charts, the head that proves it, the events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.exports import paper
from audit.exports.cells import Words
from audit.exports.figures import Bars, Figures
from audit.exports.paper import Paper
from audit.heads import head_qr, head_text
from audit.masking import mask
from audit.models import Event, TreeHead

MOST_ROWS: Final = 10_000  # more are told by a table beside the report
_STAMP: Final = "%Y-%m-%d %H:%M:%S"
_OUTCOMES: Final = {
    Event.Outcome.SUCCEEDED: paper.GREEN,
    Event.Outcome.REFUSED: paper.AMBER,
    Event.Outcome.FAILED: paper.RED,
}
# Columns of the table, in millimetres of a sheet laid on its side.
_COLUMNS: Final = (24.0, 37.0, 34.0, 14.0, 40.0, 50.0, 30.0, 32.0)
_ROW_TYPE: Final = 7.5
_ROW_LINE: Final = 4.0


@dataclass(frozen=True, slots=True)
class Attached:
    """A file beside the report, by which it can be told to be the one that is meant."""

    name: str
    size: int
    sha256: str
    sm3: str


@dataclass(frozen=True, slots=True)
class Report:
    """What the report tells. `facts` are labels and values for the cover."""

    title: str
    facts: Sequence[tuple[str, str]]
    figures: Figures
    head: TreeHead | None
    attached: Sequence[Attached]
    font: Path


def write_report(report: Report, events: Iterable[Event] | None, target: Path) -> None:
    """The events themselves are left out when `events` is None; the attached table then holds them."""
    sheet = Paper(font=report.font, running=report.title)
    sheet.set_title(report.title)
    sheet.set_creator("govvoice")
    sheet.set_lang("zh-CN")
    _cover(sheet, report)
    _summary(sheet, report.figures, is_long=events is None)
    _proof(sheet, report)
    if events is not None and report.figures.rows:
        _rows(sheet, events)
    sheet.save(target)


def _cover(sheet: Paper, report: Report) -> None:
    sheet.add_page()
    sheet.set_fill_color(*paper.BLUE)
    sheet.rect(0, 0, sheet.w, 64, style="F")
    sheet.write_at(paper.MARGIN, 22, _("政务语音平台"), size=13, colour=(214, 226, 245))
    sheet.write_at(paper.MARGIN, 32, report.title, size=26, colour=(255, 255, 255))
    sheet.set_xy(paper.MARGIN, 82)
    sheet.facts(report.facts, size=11)
    sheet.ln(4)
    sheet.paragraph(
        _("本报告中的手机号、身份证号已遮盖。报告由平台自动生成，时间均为北京时间。"),
        size=9,
        colour=paper.MUTED,
    )


def _summary(sheet: Paper, figures: Figures, *, is_long: bool) -> None:
    sheet.add_page()
    sheet.heading(_("一、汇总"))
    sheet.facts(
        [
            (_("记录总数"), _("%(count)s 条") % {"count": f"{figures.rows:,}"}),
            (_("最早一条"), _stamp(figures.first)),
            (_("最晚一条"), _stamp(figures.last)),
        ]
    )
    if is_long:
        words = _("记录超过 %(count)s 条，本报告只含汇总，明细见随附表格。") % {"count": f"{MOST_ROWS:,}"}
        sheet.paragraph(words)
    if not figures.rows:
        sheet.paragraph(_("所选范围内没有审计记录。"))
        return
    sheet.heading(_("按结果"), room=24)
    _stacked(sheet, figures)
    sheet.heading(_("每月记录数") if figures.by_month else _("每日记录数"), room=64)
    _columns(sheet, figures.times)
    sheet.heading(_("按操作"), room=70)
    _bars(sheet, figures.actions)
    sheet.heading(_("记录最多的操作者"), room=60)
    _bars(sheet, figures.actors)


def _stacked(sheet: Paper, figures: Figures) -> None:
    """One bar for all, its parts in the outcomes' colours, each named with its count and its share."""
    labels = dict(Event.Outcome.choices)
    x, y = sheet.l_margin, sheet.get_y()
    for outcome, count in figures.outcomes.items():
        width = sheet.epw * count / figures.rows
        sheet.set_fill_color(*_OUTCOMES[Event.Outcome(outcome)])
        sheet.rect(x, y, width, 7, style="F")
        x += width
    for number, (outcome, count) in enumerate(figures.outcomes.items()):
        left = sheet.l_margin + number * sheet.epw / 3
        sheet.set_fill_color(*_OUTCOMES[Event.Outcome(outcome)])
        sheet.rect(left, y + 10.5, 3, 3, style="F")
        words = f"{labels[outcome]}  {count:,}  {count / figures.rows:.1%}"
        sheet.write_at(left + 4, y + 9.5, words, size=9.5)
    sheet.set_xy(sheet.l_margin, y + 17)


def _columns(sheet: Paper, bars: Bars, *, height: float = 46) -> None:
    """Upright bars over time, with the largest value at the axis and as many labels as there is room for."""
    x, y, width = sheet.l_margin + 16, sheet.get_y(), sheet.epw - 16
    top = max(count for _label, count in bars)
    for share in (0.0, 0.5, 1.0):
        line = y + height * (1 - share)
        sheet.set_draw_color(*paper.LINE)
        sheet.line(x, line, x + width, line)
        sheet.write_at(sheet.l_margin, line - 2, f"{round(top * share):,}", size=7.5, colour=paper.MUTED)
    step = min(width / len(bars), 12.0)
    every = -(-len(bars) // 12)
    for number, (label, count) in enumerate(bars):
        tall = height * count / top
        sheet.set_fill_color(*paper.BLUE)
        sheet.rect(x + step * (number + 0.12), y + height - tall, step * 0.76, tall, style="F")
        if number % every == 0:
            sheet.write_at(x + step * number, y + height + 1, label, size=7, colour=paper.MUTED)
    sheet.set_xy(sheet.l_margin, y + height + 7)


def _bars(sheet: Paper, bars: Bars) -> None:
    """Lying bars, each with its label before and its count behind it."""
    top = max(count for _label, count in bars)
    room = sheet.epw - 52 - 22
    for label, count in bars:
        y = sheet.get_y()
        if y + 6 > sheet.h - paper.MARGIN:
            sheet.add_page()
            y = sheet.get_y()
        shown = sheet.wrapped(label, 50, 9)
        sheet.write_at(sheet.l_margin, y, shown[0] + ("…" if len(shown) > 1 else ""), size=9)
        sheet.set_fill_color(*paper.BLUE)
        sheet.rect(sheet.l_margin + 52, y + 0.5, max(0.4, room * count / top), 3.6, style="F")
        sheet.write_at(
            sheet.l_margin + 53 + room * count / top, y, f"{count:,}", size=8.5, colour=paper.MUTED
        )
        sheet.set_xy(sheet.l_margin, y + 5.8)


def _proof(sheet: Paper, report: Report) -> None:
    sheet.heading(_("二、封存证明"), room=90)
    if report.head is None:
        sheet.paragraph(_("生成报告时日志还没有树头，本报告不能作为封存证明。"))
    else:
        _head(sheet, report.head)
    if report.attached:
        sheet.heading(_("三、随附文件"), room=40)
        for file in report.attached:
            sheet.facts(
                [
                    (_("文件名"), file.name),
                    (_("大小"), _("%(count)s 字节") % {"count": f"{file.size:,}"}),
                    ("SHA-256", file.sha256),
                    ("SM3", file.sm3),
                ],
                size=9,
            )
            sheet.ln(2)


def _head(sheet: Paper, head: TreeHead) -> None:
    sheet.paragraph(
        _(
            "下面是生成报告时最新的树头：它对日志中前 %(size)s 条记录作了签名。"
            "请妥善保存本页，日后可用它核对日志是否被改动（扫描二维码可得到相同的文字）。"
        )
        % {"size": f"{head.size:,}"},
        size=9.5,
    )
    wide = 68.0
    y = sheet.get_y()
    sheet.code(
        [list(row) for row in head_qr(head).matrix], x=sheet.w - sheet.r_margin - wide, y=y, width=wide
    )
    at = y + 2
    for line in head_text(head).splitlines():
        for part in sheet.wrapped(line, sheet.epw - wide - 4, 8) if line else [""]:
            sheet.write_at(sheet.l_margin, at, part, size=8)
            at += 4.2
    sheet.set_xy(sheet.l_margin, max(at, y + wide) + 2)


def _rows(sheet: Paper, events: Iterable[Event]) -> None:
    words = Words.in_this_language()
    sheet.set_auto_page_break(False)
    _table_page(sheet)
    for number, event in enumerate(events):
        cells = [
            sheet.wrapped(text, width, _ROW_TYPE)
            for text, width in zip(_cells(event, words), _COLUMNS, strict=True)
        ]
        height = max(map(len, cells)) * _ROW_LINE + 1.2
        if sheet.get_y() + height > sheet.h - paper.MARGIN:
            _table_page(sheet)
        _row(sheet, cells, height, shaded=number % 2 == 1)


def _table_page(sheet: Paper) -> None:
    sheet.add_page(orientation="landscape")
    titles = [
        _("编号"), _("时间"), _("操作"), _("结果"), _("操作者"), _("对象"), _("来源地址"), _("请求编号"),
    ]  # fmt: skip
    _row(sheet, [[title] for title in titles], _ROW_LINE + 2, shaded=True)


def _row(sheet: Paper, cells: list[list[str]], height: float, *, shaded: bool) -> None:
    left, y = sheet.l_margin, sheet.get_y()
    if shaded:
        sheet.set_fill_color(*paper.PALE)
        sheet.rect(left, y, sheet.epw, height, style="F")
    for lines, width in zip(cells, _COLUMNS, strict=True):
        for number, line in enumerate(lines):
            sheet.write_at(left, y + 0.8 + number * _ROW_LINE, line, size=_ROW_TYPE)
        left += width
    sheet.set_xy(sheet.l_margin, y + height)


def _cells(event: Event, words: Words) -> list[str]:
    is_platform = event.actor_kind == Event.ActorKind.SYSTEM
    actor = (not is_platform and mask(event.actor_name)) or words.actor_kinds[event.actor_kind]
    return [
        str(event.id),
        _stamp(event.at),
        words.actions.get(event.action, event.action),
        words.outcomes[event.outcome] + (f" {event.code}" if event.code else ""),
        f"{actor}（{event.actor_role}）" if event.actor_role else actor,
        mask(event.object_name or event.object_id),
        event.address or "",
        event.request_id,
    ]


def _stamp(moment: datetime | None) -> str:
    return timezone.localtime(moment).strftime(_STAMP) if moment else "—"
