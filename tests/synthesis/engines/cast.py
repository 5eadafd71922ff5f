"""What is spoken in these tests."""

from __future__ import annotations

from synthesis.text.script import Phrase


def phrase(pinyin: str) -> Phrase:
    return Phrase(text=pinyin, start=0, end=len(pinyin), phones=tuple(pinyin.split()), pause=0.0)


# 您好，这里是政务服务热线。 办理业务请携带身份证原件。 今天下午三点停水。
WELCOME = phrase("nin2 hao3 #3 zhe4 li3 shi4 #1 zheng4 wu4 #1 fu2 wu4 #1 re4 xian4")
PAPERS = phrase("ban4 li3 #1 ye4 wu4 #2 qing3 #1 xie2 dai4 #1 shen1 fen4 zheng4 #1 yuan2 jian4")
WATER = phrase("jin1 tian1 #1 xia4 wu3 #1 san1 dian3 #1 ting2 shui3")
SENTENCES = (WELCOME, PAPERS, WATER)
