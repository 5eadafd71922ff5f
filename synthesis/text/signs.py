"""Single signs: those with a name that is spoken, and those that only part what stands beside them."""

from __future__ import annotations

SUPERSCRIPTS: dict[str, str] = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True))

SPOKEN_SIGNS: dict[str, str] = {
    "%": "百分号",
    "‰": "千分号",
    "+": "加",
    "=": "等于",
    "@": "艾特",
    "&": "和",
    "#": "井号",
    "*": "星号",
    "×": "乘",
    "÷": "除以",
    "±": "正负",
    "≤": "小于等于",
    "≥": "大于等于",
    "≠": "不等于",
    "≈": "约等于",
    "<=": "小于等于",
    ">=": "大于等于",
    "√": "根号",
    "∞": "无穷大",
    "°": "度",
    "°C": "摄氏度",
    "°F": "华氏度",
    "¥": "元",
    "$": "美元",
    "€": "欧元",
    "£": "英镑",
    "₩": "韩元",
    "₽": "卢布",
    "₹": "卢比",
    "฿": "泰铢",
    "∑": "求和",
    "∠": "角",
    "⊥": "垂直",
    "∥": "平行",
    "∵": "因为",
    "∴": "所以",
    "№": "第",
}

# Drawn, never said: list points, arrows, ticks and lines.
BULLETS = frozenset("·•●○■□◆◇★☆▲△▼▽※→←↑↓➢➤►▶√✓✔☑◎〇§|~^_`") - {"〇", "√"}
