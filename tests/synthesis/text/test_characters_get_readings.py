"""Readings, tones as spoken, and erhua: text beside the syllables that are said."""

from __future__ import annotations

import pytest

from synthesis.text import make_script

POLYPHONES = """
银行行长 | yin2 hang2 hang2 zhang3
重新召开 | chong2 xin1 zhao4 kai1
重要 | zhong4 yao4
重庆市 | chong2 qing4 shi4
长期增长 | chang2 qi1 zeng1 zhang3
音乐 | yin1 yue4
快乐 | kuai4 le4
调查 | diao4 cha2
调整 | tiao2 zheng3
办理了登记 | ban4 li3 le5 deng1 ji4
了解情况 | liao2 jie3 qing2 kuang4
为了您的安全 | wei4 le5 nin2 de5 an1 quan2
发展 | fa1 zhan3
理发 | li3 fa4
会计 | kuai4 ji4
会议 | hui4 yi4
绿色 | lv4 se4
战略 | zhan4 lve4
女士 | nv3 shi4
"""

TONES_OF_YI_AND_BU = """
一 | yi1
一个 | yi2 ge4
一天 | yi4 tian1
一起 | yi4 qi3
一次 | yi2 ci4
第一次 | di4 yi1 ci4
统一办理 | tong3 yi1 ban4 li3
看一看 | kan4 yi5 kan4
1个 | yi2 ge4
1年 | yi4 nian2
1号 | yi1 hao4
1月1日 | yi1 yue4 yi1 ri4
1.5 | yi1 dian2 wu3
1万 | yi2 wan4
21个 | er4 shi2 yi1 ge4
110人 | yi4 bai3 yi1 shi2 ren2
不对 | bu2 dui4
不行 | bu4 xing2
是不 | shi4 bu4
好不好 | hao3 bu5 hao3
"""

THIRD_TONES = """
你好 | ni2 hao3
保管好 | bao2 guan2 hao3
纸老虎 | zhi3 lao2 hu3
岂有此理 | qi2 you3 ci2 li3
九九九 | jiu2 jiu2 jiu3
两手 | liang2 shou3
可以 | ke2 yi3
你 | ni3
"""

LIGHT_TONES_AND_ERHUA = """
我们 | wo3 men5
先生 | xian1 sheng5
什么 | shen2 me5
桌子 | zhuo1 zi5
明白吗 | ming2 bai5 ma5
花儿 | huar1
小孩儿 | xiao3 hair2
哪儿 | nar3
一会儿 | yi2 huir4
女儿 | nv3 er2
婴儿 | ying1 er2
"""

LETTERS = """
APP | ei1 pi4 pi4
5G | wu3 ji4
b超 | bi4 chao1
W | da2 bu5 liu5
é | yi4
12345 | yao1 er4 san1 si4 wu3
"""

ALL = [POLYPHONES, TONES_OF_YI_AND_BU, THIRD_TONES, LIGHT_TONES_AND_ERHUA, LETTERS]
ROWS = [tuple(row.split(" | ")) for table in ALL for row in table.strip().splitlines()]


def syllables(text: str) -> str:
    phones = [phone for phrase in make_script(text).phrases for phone in phrase.phones]
    return " ".join(phone for phone in phones if not phone.startswith("#"))


@pytest.mark.parametrize(("text", "said"), ROWS)
def test_text_and_syllables(text: str, said: str) -> None:
    assert syllables(text) == said


def test_erhua_stands_for_both_characters() -> None:
    (phrase,) = make_script("花儿").phrases
    assert (phrase.start, phrase.end, phrase.phones) == (0, 2, ("huar1",))


def test_every_letter_has_a_name_of_known_syllables() -> None:
    said = syllables("ABCDEFGHIJKLMNOPQRSTUVWXYZ").split()
    assert len(said) >= 26
    assert said == syllables("abcdefghijklmnopqrstuvwxyz").split()


def test_traditional_characters_are_read_as_they_are() -> None:
    assert syllables("請問開會") == "qing3 wen4 kai1 hui4"


def test_a_light_syllable_keeps_its_tone_in_the_base() -> None:
    said = make_script("谢谢您，孩子很喜欢").syllables
    assert [one.pinyin for one in said] == ["xie4", "xie5", "nin2", "hai2", "zi5", "hen2", "xi3", "huan5"]
    assert [one.base for one in said if one.char in "谢欢"] == ["xie4", "xie4", "huan1"]
