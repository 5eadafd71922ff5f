"""English words of notices, as near as Mandarin syllables come.

The voice has no English sounds: these are the syllables that a Mandarin speaker says for them. Words that are
not here, and all others in capitals, are spelled letter by letter.
"""

from __future__ import annotations

_WRITTEN = """
wifi wai1 fai1; wi-fi wai1 fai1; email yi4 mei1 ou5; e-mail yi4 mei1 ou5; mail mei1 ou5; online ang1 lai4
en5; offline ao4 fu5 lai4 en5; app ei1 pi4 pi4; ok ou1 kei4; hello ha1 lou2; hi hai1; bye bai4; service
se4 wei1 si5; center sen1 te5; centre sen1 te5; city xi1 ti5; net nei4 te5; web wai4 bo5; word wo4 de5;
excel yi4 ke5 sei4 ou5; pdf pi4 di4 ai2 fu5; office ao4 fei1 si5; windows wen1 dou1 si5; android an1
zhuo2; iphone ai4 feng1; ipad ai4 pai4 de5; bug ba4 ge5; vlog wei1 lao1 ge5; blog bu4 lao1 ge5; logo lou2
gou1; demo dei1 mou1; cookie ku1 ji4; link lin1 ke5; home hou1 mu5; page pei1 zhi5; login lou4 ge5 yin1;
password pa4 si5 wo4 de5; user you1 se5; id ai4 di4; health hai1 er5 si5; code kou1 de5; card ka3 de5;
park pa4 ke5; mall mo1 ou5; plus pu5 la4 si5; pro pu5 rou4; max mai4 ke5 si5; mini mi1 ni5; smart si5 ma4
te5; test tai4 si5 te5; live lai4 fu5; show xiu4; vs wei1 ai2 si5; fans fen1 si5; cool ku4; the ze4; and
an1 de5; of e4 fu5; for fou4; to tu4; in yin1; no nou4; yes ye4 si5; press pu5 rui4 si5; star si5 da4; key
ji4; one wan4; two tu4; please pu5 li4 zi5; english yin1 ge5 li4 xu5; chinese chai4 ni4 si5; welcome wei1
kang4 mu5; china chai4 na5; post pou1 si5 te5; free fu5 rui4; day dei4; new niu4
"""


def _parsed(written: str) -> dict[str, tuple[str, ...]]:
    entries = (entry.split() for entry in written.replace("\n", " ").split(";"))
    return {word: tuple(syllables) for word, *syllables in entries}


WORDS: dict[str, tuple[str, ...]] = _parsed(_WRITTEN)
# Said as words in capitals too.
_CAPITALS_TOO = frozenset({"WIFI", "WI-FI", "EMAIL", "E-MAIL", "LOGO", "VLOG", "HELLO", "PLUS", "PRO", "MAX"})


def english_reading(written: str) -> tuple[str, ...] | None:
    """Syllables of a known word; None for what is to be spelled."""
    if written.isupper() and len(written) > 1 and written not in _CAPITALS_TOO:
        return None
    return WORDS.get(written.lower()) if len(written) > 1 else None
