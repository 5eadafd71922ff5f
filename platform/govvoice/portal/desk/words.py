"""The sentences that our scripts say, in the reader's language. `{name}` is filled in by the script."""

from __future__ import annotations

from django.utils.translation import gettext as _


def words() -> dict[str, str]:
    return {
        "play": _("播放"),
        "pause": _("暂停"),
        "position": _("第 {now} 秒，共 {length} 秒"),
        "download": _("下载 {format}"),
        "facts": _("{cache} · 用时 {milliseconds} 毫秒 · {rate} Hz"),
        "phrase": _("从第 {number} 句播放：{text}"),
        "settings": _("{voice} · {emotion} {intensity} · 语速 {rate} · 语调 {pitch} · 音量 {volume}"),
        "speaking": _("正在合成，已用 {seconds} 秒……"),
        "spoken": _("合成完成，时长 {seconds} 秒。"),
        "cancelled": _("已取消合成。"),
        "text_empty": _("请输入要合成的文本。"),
        "text_too_long": _("超出上限 {over} 字，请删减或拆分。"),
        "unplayable": _("浏览器无法播放这段音频，请重试或下载后收听。"),
        "session_over": _("登录已失效，请刷新页面重新登录。"),
        "unreachable": _("连接不上服务器，请检查网络后重试。"),
        "unexpected": _("服务器没有按预期应答（{status}），请稍后重试。"),
        "making": _("{word}，已等待 {seconds} 秒"),
        "changed": _("内容或声音已修改，保存后需要重新生成成品音频。"),
        "unsaved": _("有未保存的修改。"),
        "readings_empty": _("请先输入文本，再查看读音。"),
        "reading_plain": _("“{text}”读 {pinyin}"),
        "reading_hard": _("“{text}”读 {pinyin}（多音字）"),
        "reading_said": _("“{text}”读作“{said}”"),
        "reading_none": _("“{text}”无法朗读"),
        "reading_forget": _("不再试用：{word} {reading}"),
        "trial_word": _("词语：{text}"),
        "trial_example": _("例句：{text}"),
        "listened": _("已听 {heard} 秒，共 {length} 秒"),
        "moved": _("{name}移到第 {place} 位，共 {count} 位。"),
        "compare_count": _("请选择 2 至 {most} 个发音人。"),
        "comparing": _("正在用 {count} 个发音人合成……"),
        "compared": _("{count} 个发音人合成完成，可逐个播放比较。"),
        "compare_refused": _("{name}：{reason}"),
        "heard": _("已完整听完，可以作出决定。"),
    }
