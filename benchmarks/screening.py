"""How fast a text is judged: `python -m benchmarks.screening [--json]`.

A list of 100,000 random terms of two to six Han characters (a tenth of them two) with every fold on; texts
of 100 and 500 characters, sentences as hotlines and notices have them, some with letters and numbers. Texts a
second on one core by the clock and by the processor's own time (on a busy machine the clock also counts what
others do), milliseconds, seconds of building a list, and the memory that it takes.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

SENTENCES = (
    "您好，这里是政务服务热线，很高兴为您服务。",
    "请于五月二日前携带身份证原件和复印件到政务服务中心二楼窗口办理。",
    "市民来电反映，小区门口的路灯自上周三开始一直没有亮，影响居民夜间出行。",
    "您反映的问题已经转交相关部门处理，请保持电话畅通，工作人员会尽快与您联系。",
    "因供水管网维修，解放路周边区域将于明天上午八点至下午六点停水，请提前储水。",
    "为群众办实事解难题，银行行长重新调整了重庆长江大桥的收费标准。",
    "城乡居民基本医疗保险集中缴费期截止到十二月底，逾期将无法享受待遇。",
    "气象台发布暴雨橙色预警信号，预计未来三小时内将有强降雨，请注意防范。",
    "申请人应当在收到通知书之日起十五个工作日内提交补正材料。",
    "根据有关规定，灵活就业人员可以按照当地上年度平均工资的百分之六十缴费。",
    "社保卡遗失后请及时拨打12333口头挂失，再持有效证件到网点补办。",
    "本次招聘面向应届毕业生，报名时间为2025年6月1日至6月15日。",
    "大厅提供免费WiFi，您也可以下载手机APP在线预约。",
    "咨询电话0571-12345，办公地址为文三路199号创业大厦A座3楼。",
    "冬季用电高峰来临，请注意用电安全，不要私拉乱接电线。",
    "学校周边道路将在上下学时段实行临时交通管制，请过往车辆提前绕行。",
    "警方提醒，凡是要求您把钱转到安全账户的都是诈骗，请不要轻信。",
    "社区卫生服务中心周六上午安排疫苗接种，请带好儿童预防接种证。",
    "地铁三号线延长运营时间至二十三点三十分，末班车时间请以车站公告为准。",
    "企业开办实行一网通办，最快当天就能领取营业执照和免费印章。",
)
FREQUENT = 3_000
BATCH = 200
LENGTHS = (2, 3, 3, 3, 4, 4, 4, 5, 5, 6)


def terms(count: int, seed: int = 1) -> list[str]:
    from synthesis.text.words import dictionary

    chance = random.Random(seed)  # noqa: S311  (the same texts each time)
    singles = dictionary().singles
    frequent = sorted(singles, key=singles.__getitem__, reverse=True)[:FREQUENT]
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(chance.choices(frequent, k=chance.choice(LENGTHS)))] = None
    return list(found)


def texts(length: int, count: int, seed: int = 2) -> list[str]:
    chance = random.Random(seed)  # noqa: S311  (the same texts each time)
    shuffled = ("".join(chance.choices(SENTENCES, k=length // 15 + 2)) for _ in range(count))
    return [text[:length] for text in shuffled]


def memory() -> float:
    """MiB that the process holds."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii")
    return int(pages.split()[1]) * 4096 / 2**20


def rates(judge: Callable[[str], object], wanted: Sequence[str], rounds: int) -> tuple[float, float]:
    """Texts a second by the clock and by the processor, each batch at the best of its rounds.

    A batch takes a few milliseconds, so that on a busy machine some of its rounds run undisturbed.
    """
    clock, processor = 0.0, 0.0
    for first in range(0, len(wanted), BATCH):
        taken = [_seconds(judge, wanted[first : first + BATCH]) for _ in range(rounds)]
        clock += min(one for one, _ in taken)
        processor += min(other for _, other in taken)
    return len(wanted) / clock, len(wanted) / processor


def _seconds(judge: Callable[[str], object], batch: Sequence[str]) -> tuple[float, float]:
    began, spent = time.perf_counter(), time.process_time()
    for text in batch:
        judge(text)
    return time.perf_counter() - began, time.process_time() - spent


def percentiles(judge: Callable[[str], object], wanted: Sequence[str]) -> tuple[float, float]:
    """Median and 99th percentile in milliseconds."""
    taken = []
    for text in wanted:
        began = time.perf_counter()
        judge(text)
        taken.append((time.perf_counter() - began) * 1000)
    taken.sort()
    return taken[len(taken) // 2], taken[int(len(taken) * 0.99)]


def measure(count: int, rounds: int) -> dict[str, float]:
    """In a process that has made nothing before."""
    from synthesis.screening.alphabet import alphabet
    from synthesis.screening.matcher import Matcher
    from synthesis.screening.verdicts import Term

    before = memory()
    began = time.perf_counter()
    alphabet()
    tables = time.perf_counter() - began
    listed = [Term(text, "other", id=str(number)) for number, text in enumerate(terms(count))]
    with_tables = memory()
    began, spent = time.perf_counter(), time.process_time()
    matcher = Matcher(listed)
    built, built_processor = time.perf_counter() - began, time.process_time() - spent
    clock, processor = rates(matcher.judge, texts(100, 2_000), rounds)
    median, worst = percentiles(matcher.judge, texts(500, 2_000))
    return {
        "terms": count,
        "tables_s": tables,
        "build_s": built,
        "build_processor_s": built_processor,
        "texts_per_s": clock,
        "texts_per_processor_s": processor,
        "p50_ms_500": median,
        "p99_ms_500": worst,
        "memory_tables_mib": with_tables - before,
        "memory_list_mib": memory() - with_tables,
        "texts_with_hits": sum(bool(matcher.judge(text).hits) for text in texts(100, 2_000)),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="Speed of judging texts by a long list, on one thread.")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--terms", type=int, default=100_000, help="length of the list (default: %(default)s)"
    )
    parser.add_argument(
        "--rounds", type=int, default=20, help="rounds; the best counts (default: %(default)s)"
    )
    options = parser.parse_args()
    found = measure(options.terms, options.rounds)
    for name, value in {} if options.json else found.items():
        print(f"{name:>24}  {value:,.3f}")
    if options.json:
        print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
