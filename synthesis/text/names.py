"""Surnames: characters that are read otherwise when they begin a person's name.

Readings as the entries of 《现代汉语词典》 (7th ed.) give them under 姓.
"""

from __future__ import annotations

import re

SURNAMES = {
    "单": "shan4", "仇": "qiu2", "解": "xie4", "任": "ren2", "区": "ou1", "盖": "ge3", "查": "zha1",
    "朴": "piao2", "曾": "zeng1", "缪": "miao4", "乐": "yue4", "员": "yun4", "纪": "ji3", "宁": "ning4",
    "华": "hua4", "冼": "xian3", "洗": "xian3", "翟": "zhai2", "牟": "mou2", "覃": "qin2", "应": "ying1",
    "燕": "yan1", "沈": "shen3", "谌": "chen2", "褚": "chu3", "佴": "nai4", "隗": "wei3", "晁": "chao2",
    "柏": "bai3", "薄": "bo2", "卜": "bu3", "逄": "pang2", "訾": "zi1", "葛": "ge3", "哈": "ha3",
    "召": "shao4", "盛": "sheng4", "石": "shi2", "粘": "nian2", "繁": "po2", "秘": "bi4", "阚": "kan4",
    "乜": "nie4", "殷": "yin1", "曲": "qu1", "俞": "yu2", "撒": "sa3", "宿": "su4", "强": "qiang2",
    "折": "she2", "祭": "zhai4", "车": "che1", "尉": "wei4", "郇": "xun2", "郗": "xi1", "隽": "juan4",
}  # fmt: skip
# Words so common that only 姓 before them makes names of them.
_AFTER_XING_ONLY = {
    "那": "na1", "都": "du1", "要": "yao1", "过": "guo1", "相": "xiang4", "种": "chong2", "黑": "he4",
}  # fmt: skip

_FORMS_OF_ADDRESS = "先生|女士|小姐|同志|老师|师傅|医生|大夫|教授|阿姨|大爷|大妈|大姐|大哥|律师|法官|警官|某"
_OFFICES = (
    "局长|副局长|书记|主任|副主任|处长|科长|市长|区长|县长|镇长|乡长|村长|院长|校长|所长|站长|队长|部长|"
    "厅长|会长|董事长|总经理|经理|秘书长|总工|工程师|委员|主席|省长|班长|组长|行长"
)
_CALLERS = (
    "市民|居民|村民|群众|业主|患者|乘客|旅客|用户|顾客|商户|店主|家长|学生|老人|司机|记者|游客|职工|员工|"
    "来电人|联系人|投诉人|反映人|举报人|申请人|当事人|法定代表人|法人|经办人|负责人|承办人"
)
_SAYS = "表示|介绍|告诉|指出|强调|要求|说|称|主持|出席|带队|带领|反映|咨询|来电|投诉|同志|等"

_INTRODUCED = re.compile(rf"(?:姓名|名字|名叫|{_CALLERS})[:：为是叫]?$")
_XING = re.compile(r"(?<!百)姓$")
_OFFICE_BEFORE = re.compile(rf"(?:{_OFFICES})$")
_MAY_PRECEDE = re.compile(
    r"(?:^|[^\u4e00-\u9fff]|[请由和与找对给向跟同及让被把为是的]|感谢|联系|通知|转告|陪同)$"
)
_ADDRESSED = re.compile(rf"[\u4e00-\u9fff]{{0,2}}?(?:{_FORMS_OF_ADDRESS})")
_IN_OFFICE = re.compile(rf"[\u4e00-\u9fff]{{0,2}}?(?:{_OFFICES})(?!期间|以来|一职|职务|时)")
_GIVEN_NAME = re.compile(rf"[\u4e00-\u9fff]{{1,2}}(?:$|[^\u4e00-\u9fff]|{_SAYS})")
# 区书记, 任局长: the district's, to serve as. These need more than an office behind them.
_OFFICE_IS_NOT_ENOUGH = frozenset("区员强")


def surname_reading(char: str, before: str, after: str) -> str | None:
    """The reading of a one-character word as a surname, None where no name is meant.

    `before` and `after` are what stands around it in the text, a few characters of each.
    """
    if _XING.search(before):
        return SURNAMES.get(char) or _AFTER_XING_ONLY.get(char)
    if char in SURNAMES and _begins_a_name(char, before, after):
        return SURNAMES[char]
    return None


def _begins_a_name(char: str, before: str, after: str) -> bool:
    introduced = _INTRODUCED.search(before) is not None
    if (introduced or _MAY_PRECEDE.search(before)) and _ADDRESSED.match(after):
        return True
    if (introduced or _OFFICE_BEFORE.search(before)) and _GIVEN_NAME.match(after):
        return True
    if char in _OFFICE_IS_NOT_ENOUGH or not (introduced or _MAY_PRECEDE.search(before)):
        return False
    office = _IN_OFFICE.match(after)
    # 任局长 at the end of a clause says what somebody became; with more to come it names who does it.
    return office is not None and (char != "任" or office.end() < len(after))
