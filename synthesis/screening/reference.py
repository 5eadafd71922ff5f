"""A small neutral starter list, written by us; a customer brings his own."""

from __future__ import annotations

from synthesis.screening.models import Term

STARTER = {
    Term.Category.FRAUD: (
        "安全账户转账",
        "刷单返利",
        "代办高额贷款",
        "退款验证码",
        "屏幕共享转账",
        "内部渠道包过",
    ),
    Term.Category.GAMBLING: ("网上赌场", "博彩平台", "真人荷官", "六合彩特码", "彩票内幕"),
    Term.Category.SPAM: ("加微信领取", "扫码进群领", "私聊加我", "点击链接领奖"),
    Term.Category.SUPERLATIVE: ("国家级产品", "全国第一品牌", "最佳疗效", "百分之百治愈", "史上最低价"),
}


def load() -> None:
    """Adds what is missing; a shipped term that staff switched off stays off."""
    for category, terms in STARTER.items():
        for text in terms:
            Term.objects.get_or_create(text=text, defaults={"category": category, "is_shipped": True})
