"""Small neutral lists to start with, written by us; a customer brings his own."""

from __future__ import annotations

from dataclasses import dataclass

from synthesis.screening import vault
from synthesis.screening.documents import Document, Pattern, Word
from synthesis.screening.matcher import Matcher
from synthesis.screening.models import Category, ListVersion, WordList
from synthesis.screening.verdicts import Level, Term

AUTHOR = "平台"


@dataclass(frozen=True, slots=True)
class Shipped:
    """A list as it comes with the platform; staff change it like any other."""

    category: Category
    words: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    level: Level = Level.BLOCK
    reason: str = ""
    basis: str = ""


SHIPPED = (
    Shipped(
        Category.FRAUD,
        (
            "安全账户转账",
            "刷单返利",
            "代办高额贷款",
            "退款验证码",
            "屏幕共享转账",
            "内部渠道包过",
        ),
        reason="冒充公检法、刷单、贷款等常见诈骗话术",
        basis="《反电信网络诈骗法》",
    ),
    Shipped(
        Category.GAMBLING,
        ("网上赌场", "博彩平台", "真人荷官", "六合彩特码", "彩票内幕"),
        reason="赌博招揽",
        basis="《治安管理处罚法》《广告法》第九条",
    ),
    Shipped(
        Category.SPAM,
        ("加微信领取", "扫码进群领", "私聊加我", "点击链接领奖"),
        reason="引流推广，热线不得播出",
    ),
    Shipped(
        Category.SUPERLATIVE,
        ("国家级产品", "全国第一品牌", "最佳疗效", "百分之百治愈", "史上最低价"),
        reason="绝对化用语",
        basis="《广告法》第九条第三项",
    ),
    Shipped(
        Category.PERSONAL,
        rules=("identity_card", "bank_card"),
        level=Level.RECORD,
        reason="身份证号与银行卡号，只计次数；需要更严时请修改处理方式",
        basis="《个人信息保护法》",
    ),
)


def load() -> None:
    """Adds the lists that are missing; what staff have made of one that is there stays theirs."""
    for shipped in SHIPPED:
        word_list, is_new = WordList.objects.get_or_create(shipped_as=shipped.category.value)
        if is_new:
            _put_in_force(word_list, shipped)


def matcher() -> Matcher:
    """The shipped words, for whoever speaks without a database."""
    return Matcher(
        Term(word, shipped.category.value, shipped.level) for shipped in SHIPPED for word in shipped.words
    )


def _put_in_force(word_list: WordList, shipped: Shipped) -> None:
    version = ListVersion(
        word_list=word_list,
        state=ListVersion.State.ACTIVE,
        name=str(shipped.category.label),
        category=shipped.category,
        level=shipped.level.value,
        reason=shipped.reason,
        basis=shipped.basis,
        author_name=AUTHOR,
    )
    rules = tuple(Pattern(kind, {}) for kind in shipped.rules)
    vault.put(version, Document(rules=rules).with_words(map(Word, shipped.words)))
    version.save()
