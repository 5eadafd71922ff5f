"""How fast a Sambert voice of full size speaks, and what it weighs: `python -m benchmarks.sambert_speed`.

RTF is seconds of work for a second of sound, the best of several runs by the clock, and beside it the
processor's time, which others on the machine disturb less. Every line stands beside the same network written
down plainly (`_plain_acoustic`, `_plain_vocoder`), run in turn with it. "8 at once" is for each of the eight.
SNR is beside plain PyTorch in float32. Needs the requirements of `sambert`.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:  # the base installation has no torch, and still lists and runs the other benchmarks
    from torch import Tensor

    from benchmarks._plain_acoustic import PlainAcoustic
    from synthesis.engines.sambert.acoustic import AcousticModel
    from synthesis.engines.sambert.vocoder import Vocoder

SYMBOLS = (50, 157, 308)  # of texts of 20, 60 and 120 characters
TOGETHER = 8
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Row:
    """One line of the table. `times_plain` is how many times as fast as the plain network."""

    what: str
    place: str
    symbols: int
    seconds: float
    rtf: float
    cpu_rtf: float
    times_plain: float | None = None
    snr_db: float | None = None


def race(works: Mapping[str, Callable[[], object]], runs: int) -> dict[str, tuple[float, float]]:
    """The least seconds of each by the clock and of the processor; they take turns."""
    best: dict[str, tuple[float, float]] = {}
    for _ in range(runs):
        for name, work in works.items():
            clock, processor = _seconds(work)
            before = best.get(name, (clock, processor))
            best[name] = (min(before[0], clock), min(before[1], processor))
    return best


def _seconds(work: Callable[[], object]) -> tuple[float, float]:
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


def rows_of(
    place: str,
    symbols: int,
    best: Mapping[str, tuple[float, float]],
    *,
    shares: Mapping[str, int] | None = None,
    snr: Mapping[str, float] | None = None,
) -> list[Row]:
    """`shares` tells how many utterances a work was for."""
    from benchmarks._full_voice import seconds

    length = seconds(symbols)
    plain = next((clock for name, (clock, _) in best.items() if "plain" in name), 0.0)
    rows = []
    for name, (clock, processor) in best.items():
        spoken = length * (shares or {}).get(name, 1)
        times = plain / clock * spoken / length if plain else None
        row = Row(name, place, symbols, length, clock / spoken, processor / spoken, times)
        rows.append(replace(row, snr_db=(snr or {}).get(name)))
    return rows


def acoustic_rows(model: AcousticModel, plain: PlainAcoustic, place: str, runs: int) -> Iterator[Row]:
    from benchmarks._full_voice import ids
    from synthesis.engines.sambert.acoustic import Utterance

    for symbols in SYMBOLS:
        many = [Utterance(ids(symbols, seed)) for seed in range(TOGETHER)]
        alone = many[0]
        works = {
            "acoustic, plain": lambda alone=alone: plain(alone.ids),
            "acoustic": lambda alone=alone: model.predict(alone),
            "acoustic, 8 at once": lambda many=many: model.predict_many(many),
        }
        shares = {"acoustic, 8 at once": TOGETHER}
        yield from rows_of(place, symbols, race(works, runs), shares=shares)


def vocoder_rows(place: str, runs: int) -> Iterator[Row]:
    from benchmarks import _full_voice as voice
    from benchmarks._plain_vocoder import PlainVocoder
    from synthesis.engines.sambert.choice import open_vocoder, signal_to_noise, ways_on

    config = voice.vocoder_config()
    state = voice.vocoder_state(config)
    vocoders: dict[str, Callable[[Tensor], Tensor]] = {"vocoder, plain": PlainVocoder(config, state)}
    for way in ways_on("cpu"):
        vocoders[f"vocoder, {way.runtime} {way.precision}"] = open_vocoder(config, state, way)
    for symbols in SYMBOLS:
        mel = frames(symbols)
        works = {name: lambda work=work, mel=mel: work(mel) for name, work in vocoders.items()}
        sounds = {name: work() for name, work in works.items()}
        exact = sounds.pop("vocoder, plain")
        snr = {name: signal_to_noise(sound, exact) for name, sound in sounds.items()}
        yield from rows_of(place, symbols, race(works, runs), snr=snr)


def frames(symbols: int) -> Tensor:
    """Of the mean and deviation that mels have once normalised."""
    import torch

    from benchmarks._full_voice import FRAMES_A_SYMBOL

    return torch.randn(symbols * FRAMES_A_SYMBOL, 80, generator=torch.Generator().manual_seed(symbols))


def cpu_rows(threads: int, runs: int) -> Iterator[Row]:
    import torch

    from benchmarks import _full_voice as voice
    from benchmarks._plain_acoustic import PlainAcoustic
    from synthesis.engines.sambert.acoustic import AcousticModel

    torch.set_num_threads(threads)
    place = f"{threads} thread{'s' if threads > 1 else ''}"
    state = voice.acoustic_state()
    model = AcousticModel.from_state(voice.acoustic_config(), state)
    plain = PlainAcoustic(voice.acoustic_config(), state)
    yield from acoustic_rows(model, plain, place, runs)
    yield from vocoder_rows(place, runs)


def card_rows(runs: int) -> Iterator[Row]:
    """On the first card, with nothing beside it; none where there is no card."""
    import torch

    from benchmarks import _full_voice as voice
    from synthesis.engines.sambert.acoustic import AcousticModel, Utterance
    from synthesis.engines.sambert.choice import open_vocoder, ways_on

    if not torch.cuda.is_available():
        return
    card = "cuda:0"
    model = AcousticModel.from_state(voice.acoustic_config(), voice.acoustic_state()).to(card)
    config = voice.vocoder_config()
    state = voice.vocoder_state(config)
    vocoders = {way.precision: open_vocoder(config, state, way, device=card) for way in ways_on(card)}
    for symbols in SYMBOLS:
        many = [Utterance(voice.ids(symbols, seed).to(card)) for seed in range(TOGETHER)]
        mel = frames(symbols).to(card)
        works: dict[str, Callable[[], object]] = {
            "acoustic": lambda many=many: model.predict(many[0]).frames.cpu(),
            "acoustic, 8 at once": lambda many=many: [mel.frames.cpu() for mel in model.predict_many(many)],
        }
        for precision, vocoder in vocoders.items():
            works[f"vocoder, {precision}"] = lambda vocoder=vocoder, mel=mel: vocoder(mel).cpu()
        yield from rows_of(card, symbols, race(works, runs), shares={"acoustic, 8 at once": TOGETHER})


def streams(rows: list[Row]) -> dict[str, float]:
    """How many utterances a card speaks at once and keeps up: acoustic model and vocoder in turn."""
    rtf = {(row.what, row.symbols): row.rtf for row in rows if row.place.startswith("cuda")}
    return {
        f"{symbols} symbols": 1 / (rtf["acoustic, 8 at once", symbols] + rtf["vocoder, fp16", symbols])
        for symbols in SYMBOLS
        if ("vocoder, fp16", symbols) in rtf
    }


def stream_start(threads: int) -> dict[str, float]:
    """Seconds until a stream of the longest text sounds, whole and in chunks, once there are frames."""
    import torch

    from benchmarks import _full_voice as voice
    from synthesis.engines.sambert.vocoder import Vocoder

    torch.set_num_threads(threads)
    mel, found = frames(SYMBOLS[-1]), {}
    for causal in (True, False):
        config = voice.vocoder_config(causal=causal)
        vocoder = Vocoder.from_state(config, voice.vocoder_state(config))
        name = "causal" if causal else "non-causal"
        works: dict[str, Callable[[], object]] = {
            f"{name}, whole": lambda vocoder=vocoder: vocoder(mel),
            f"{name}, first chunk": lambda vocoder=vocoder: next(vocoder.stream([mel])),
            f"{name}, all chunks": lambda vocoder=vocoder: list(vocoder.stream([mel])),
        }
        found |= {what: best[0] for what, best in race(works, 2).items()}
    return found


def memory() -> dict[str, float]:
    """Megabytes of a process of its own: bare, with one voice that has spoken, with ten."""
    return {name: _weigh(voices, vocoders) for name, voices, vocoders in _LOADS}


_LOADS = (
    ("torch alone", 0, 0),
    ("one voice", 1, 1),
    ("ten voices", 10, 10),
    ("ten voices, one vocoder", 10, 1),
)


def _weigh(voices: int, vocoders: int) -> float:
    command = [sys.executable, "-m", "benchmarks.sambert_speed", "--load", str(voices), str(vocoders)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def load(voices: int, vocoders: int) -> float:
    """Megabytes of this process once so many voices were loaded and have spoken."""
    import torch

    from benchmarks import _full_voice as voice
    from synthesis.engines.sambert.acoustic import AcousticModel, Utterance
    from synthesis.engines.sambert.vocoder import Vocoder

    torch.set_num_threads(1)
    config = voice.vocoder_config()
    speaking: list[Vocoder] = [
        Vocoder.from_state(config, voice.vocoder_state(config, seed)) for seed in range(vocoders)
    ]
    models = []
    for seed in range(voices):
        models.append(AcousticModel.from_state(voice.acoustic_config(), voice.acoustic_state(seed)))
        mel = models[-1].predict(Utterance(voice.ids(SYMBOLS[0])))
        speaking[seed % vocoders](mel.frames)
    gc.collect()
    return psutil.Process().memory_info().rss / MEGABYTE


HEADING = f"{'what':24}{'where':>10}{'symbols':>9}{'sound':>8}{'RTF':>9}{'CPU':>9}{'x plain':>9}{'SNR dB':>8}"


def line(row: Row) -> str:
    times = "" if row.times_plain is None else f"{row.times_plain:.2f}"
    snr = "" if row.snr_db is None else f"{row.snr_db:.1f}"
    figures = f"{row.symbols:>9}{row.seconds:>7.1f}s{row.rtf:>9.4f}{row.cpu_rtf:>9.4f}{times:>9}{snr:>8}"
    return f"{row.what:24}{row.place:>10}{figures}"


def all_rows(threads: list[int], runs: int) -> Iterator[Row]:
    for count in threads:
        yield from cpu_rows(count, runs)
    yield from card_rows(runs)


def main() -> int:
    parser = argparse.ArgumentParser(description="Speed and weight of a Sambert voice of full size.")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument(
        "--runs", type=int, default=3, help="runs of each, the first one warms (default: %(default)s)"
    )
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="(default: 1 and 2)")
    parser.add_argument("--load", type=int, nargs=2, metavar=("VOICES", "VOCODERS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if find_spec("torch") is None:
        print("not measured: torch is not installed (make bench-sambert installs it)")
        return 0
    if options.load:
        print(load(*options.load))
        return 0
    return measure(options.threads, options.runs, as_json=options.json)


def measure(threads: list[int], runs: int, *, as_json: bool) -> int:
    """Lines are told as they come: a whole round takes minutes."""
    say = (lambda _: None) if as_json else (lambda text: print(text, flush=True))
    say(HEADING)
    rows = []
    for row in all_rows(threads, runs):
        rows.append(row)
        say(line(row))
    figures = {"streams on a card": streams(rows), "seconds to sound": stream_start(1), "megabytes": memory()}
    for title, named in figures.items():
        say("\n".join(["", title, *(f"  {name:28}{value:>9.3g}" for name, value in named.items())]))
    load = os.getloadavg()[0]
    say(f"\nload {load:.2f}")
    if as_json:
        print(json.dumps({"rows": [asdict(row) for row in rows], **figures, "load": load}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
