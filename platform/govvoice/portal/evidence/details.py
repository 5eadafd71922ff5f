"""What an event tells besides, as officials read it: Chinese labels, names in the place of codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey, Client, Organisation, Policy, Role, Staff
from audit.exports.models import Export
from audit.exports.terms import OBJECTS
from audit.masking import mask
from audit.models import Event
from govvoice.broadcasts.models import Broadcast
from govvoice.portal.templatetags.portal import stamp
from synthesis.models import Category, Emotion, Speaker, Voice
from synthesis.screening.models import LEVELS, Scope

NOTHING = "—"
LABELS: dict[str, Promise] = {
    "action": _("操作"),
    "actor": _("操作者"),
    "added": _("新增"),
    "address": _("来源地址"),
    "after": _("修改后"),
    "allowed": _("放行词变更数"),
    "appkey": _("AppKey"),
    "at_once": _("旧令牌立即失效"),
    "attempts": _("尝试次数"),
    "before": _("修改前"),
    "by": _("执行人"),
    "bytes": _("文件大小（字节）"),
    "cache": _("缓存"),
    "calls_at_once": _("同时合成上限"),
    "calls_per_minute": _("每分钟调用上限"),
    "calls_per_second": _("每秒调用上限"),
    "candidate_model": _("候选模型"),
    "candidate_share": _("候选版本流量（%）"),
    "category": _("类别"),
    "certificate_ignored": _("不可信来源所称的证书指纹"),
    "certificates": _("客户端证书指纹"),
    "changed": _("修改"),
    "characters_per_day": _("每日字数限额"),
    "client": _("接入系统"),
    "clock_steps": _("时钟跳变次数"),
    "code": _("代码"),
    "confidential": _("加密保存"),
    "contact": _("联系人"),
    "default_voice": _("默认发音人"),
    "description": _("介绍"),
    "display_name": _("姓名"),
    "earliest": _("跳变后最早可能的时间"),
    "emotion": _("情感"),
    "emotions": _("所用情感"),
    "ended": _("吊销的令牌数"),
    "engine_version": _("引擎版本"),
    "error": _("错误"),
    "events": _("审计记录数"),
    "expected": _("应为时间"),
    "expires_at": _("到期时间"),
    "faults": _("需要更正的行数"),
    "file": _("文件名"),
    "files": _("文件"),
    "findings": _("不符的条数"),
    "first": _("不符之处"),
    "format": _("格式"),
    "gender": _("性别（按听感）"),
    "head": _("树头编号"),
    "heads": _("树头数"),
    "hits": _("命中数"),
    "invisible": _("不可见字符数"),
    "is_active": _("启用"),
    "is_default": _("默认"),
    "key": _("密钥"),
    "kind": _("类别"),
    "languages": _("语种"),
    "last_login": _("最近登录"),
    "leaves": _("封存条数"),
    "manifest_sha256": _("文件清单摘要"),
    "method": _("请求方法"),
    "model": _("模型"),
    "name": _("名称"),
    "name_en": _("英文名称"),
    "new": _("新增"),
    "notice": _("通知编号"),
    "now": _("当前时间"),
    "number": _("树头编号"),
    "object": _("对象"),
    "object_type": _("对象类型"),
    "order": _("次序"),
    "organisation": _("部门"),
    "outcome": _("结果"),
    "outdated": _("需重新合成的音频数"),
    "path": _("页面地址"),
    "picture": _("头像"),
    "place": _("通知地址"),
    "previous_model": _("上一模型"),
    "proof": _("验证方式"),
    "proposed_by": _("提出人"),
    "published": _("比对的树头数"),
    "purpose": _("用途"),
    "reason": _("原因"),
    "redacted": _("隐去个人信息"),
    "removed": _("删除"),
    "replacing": _("替换整个词库"),
    "request_id": _("请求编号"),
    "response": _("合成应答方式"),
    "restores": _("恢复自版本"),
    "revision": _("版本号"),
    "role": _("角色"),
    "rows": _("记录数"),
    "rules": _("规则变更数"),
    "scope": _("适用范围"),
    "scope_key": _("范围代码"),
    "seconds": _("用时（秒）"),
    "sha256": _("摘要 (SHA-256)"),
    "share": _("抽查比例"),
    "since": _("起始日期"),
    "size": _("已封存条数"),
    "sm3": _("摘要 (SM3)"),
    "spoken": _("读作"),
    "spoken_characters": _("朗读字数"),
    "ssml": _("SSML 标记文本"),
    "state": _("状态"),
    "stepped": _("跳变幅度（秒）"),
    "successor": _("替代音色"),
    "text": _("内容"),
    "texts": _("文本数"),
    "told": _("导入"),
    "unchanged": _("未变"),
    "unreadable": _("无法朗读的字数"),
    "until": _("截止日期"),
    "url": _("通知地址"),
    "user_agent": _("客户端软件"),
    "username": _("登录名"),
    "verdict": _("判断"),
    "voice": _("发音人"),
    "voices": _("所用发音人"),
    "waiting": _("待封存条数"),
    "word": _("词语"),
    "words": _("变更的词"),
}
# A change of a field is told under the field's name; where two models share one, LABELS decides.
FIELDS = {
    field.name: field.verbose_name
    for model in (Category, Voice, Speaker, Staff, Organisation, Client, Policy)
    for field in model._meta.concrete_fields
}
# Lists of equals; every other list of two is a change, from one value to another.
LISTS = frozenset({"after", "before", "files", "first", "words"})

WORDS: Mapping[str, Mapping[str, str | Promise]] = {
    "cache": {
        "hit-l1": _("是"),
        "hit-l2": _("是"),
        "miss": _("否"),
        "partial": _("部分"),
        "joined": _("并入同一请求"),
    },
    "kind": {
        **dict(ApiKey.Kind.choices),
        "totp": _("验证器应用"),
        "passkey": _("安全密钥"),
    },
    "proof": {
        "password": _("密码"),
        "password+totp": _("密码和验证器应用"),
        "password+passkey": _("密码和安全密钥"),
        "password+recovery": _("密码和恢复码"),
    },
    "text": {
        "shown": _("已显示"),
        "none": _("没有留存"),
        "destroyed": _("已销毁"),
        "unreadable": _("无法读取"),
    },
    "format": {**dict(Export.Format.choices), "wav": "WAV", "pcm": "PCM", "mp3": "MP3"},
    "gender": dict(Speaker.Gender.choices),
    "languages": dict(Speaker.Language.choices),
    "outcome": dict(Event.Outcome.choices),
    "object_type": OBJECTS,
    "response": dict(Client.Response.choices),
    "scope": {**dict(Scope.choices), "voice": _("发音人")},
    "state": dict(Broadcast.State.choices),
    "verdict": {**dict(LEVELS), "pass": _("通过")},
}

ANYWHERE = {"": NOTHING, "None": NOTHING, "True": _("是"), "False": _("否")}


class Teller:
    """Tells the details of events. Names that stand for codes are looked up once, for all of them."""

    def facts(self, event: Event) -> list[tuple[str, str]]:
        """Label and value of each detail, personal numbers masked."""
        return [
            (_label(name), mask(self._value(event.action, name, value)))
            # The database keeps keys by their length, "after" before "before".
            for name, value in sorted(event.details.items(), key=lambda detail: detail[0] == "after")
        ]

    def _value(self, action: str, name: str, value: Any) -> str:
        if isinstance(value, dict):
            return str(value.get("message") or value.get("name") or self._changes(action, value))
        if isinstance(value, list):
            between = " → " if _is_change(action, name, value) else "、"
            return between.join(self._value(action, name, item) for item in value) or NOTHING
        return self._word(name, str(value))

    def _changes(self, action: str, values: Mapping[str, Any]) -> str:
        return "；".join(
            f"{_label(name)} {self._value(action, name, value)}" for name, value in values.items()
        )

    def _word(self, name: str, text: str) -> str:
        if name == "emotions":  # several in one text
            return "、".join(self._names["emotion"].get(code, code) for code in re.findall(r"\w+", text))
        if name == "share":
            return f"{float(text):.0%}"
        known = self._names.get(name) or WORDS.get(name) or {}
        if text in known:
            return str(known[text])
        moment = parse_datetime(text) if "T" in text else None
        return stamp(moment) if moment else str(ANYWHERE.get(text, text))

    @cached_property
    def _names(self) -> dict[str, dict[str, str]]:
        emotions = {row.code: row.local_name for row in Emotion.objects.all()}
        voices = {row.code: f"{row} ({row.code})" for row in Voice.objects.select_related("speaker")}
        return {
            "category": {row.code: row.local_name for row in Category.objects.all()},
            "client": dict(Client.objects.values_list("code", "name")),
            "default_emotion": emotions,
            "default_voice": voices,
            "emotion": emotions,
            "role": dict(Role.objects.values_list("code", "name")),
            "successor": voices,
            "voice": voices,
        }


def _label(name: str) -> str:
    return str(LABELS.get(name) or FIELDS.get(name) or name)


def _is_change(action: str, name: str, value: list[Any]) -> bool:
    return len(value) == 2 and name not in LISTS and action != "voice.enrolled"
