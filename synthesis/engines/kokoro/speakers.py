"""The Mandarin speakers of the network, by the names of their files.

zf_xiaoni is left out: heard by a recogniser, 37 of 100 of her syllables have a wrong tone.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Speaker(NamedTuple):
    """`sha256` of the file of styles; `middle` is the median of the voiced pitch, in Hz, and `loudness` the
    LUFS of neutral speech (`make measure`).
    """

    sha256: str
    middle: float
    loudness: float


SPEAKERS: Final = {
    "zm_yunjian": Speaker("de48a00bdbf3649f07162269a2b6e0513604389bfac8a2e6c75cb34b323ad6fa", 111.0, -20.67),
    "zm_yunyang": Speaker("261e2c89470534dbbcb8fd98b8fdc495ec94063d9bb6c8277f7be43cccba3f42", 109.0, -23.0),
    "zm_yunxi": Speaker("7243892fb4e560d47014090ddf010f8b8b790f3c6b029ff82b2ac06aa4e27c8b", 147.0, -20.67),
    "zm_yunxia": Speaker("6b2b8fc15b3df19a368daebe5c581c7fabf433ee5b8a17ffd6b3d723cff8936d", 275.0, -20.13),
    "zf_xiaoxiao": Speaker("03adb5d5e3ddd88b047954e974e651cb0a4b524c985057e5d872e962c7be1169", 230.0, -15.94),
    "zf_xiaoyi": Speaker("bc1555c5c486099196ac254bae5e0bb543c121952a3092f50b7d8724f1bc36b3", 286.0, -18.52),
    "zf_xiaobei": Speaker("5dde6e1c9c4f12c8b327bc29c0cee361a23b52b952c04636858ba637ec66e640", 228.0, -19.88),
}
