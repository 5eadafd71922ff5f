"""Makes the voice's ONNX graphs out of the wheel's files: `python -m synthesis.engines.fastspeech2.convert`.

Deterministic and safe to run again, also by two processes at once: the folder appears whole or not at all,
and is left alone when it already holds what this converter would make.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from synthesis.engines.base import EngineNotInstalled
from synthesis.engines.fastspeech2 import manifest as voice
from synthesis.engines.fastspeech2.acoustic_graph import build_decoder, build_encoder
from synthesis.engines.fastspeech2.assets import SHA256, load_assets
from synthesis.engines.fastspeech2.tflite_weights import TfliteWeights
from synthesis.engines.fastspeech2.vocoder_graph import build_vocoder
from synthesis.engines.graphs import folder as made


def convert(folder: Path, *, assets: Path | None = None) -> bool:
    """Put the voice into `folder`; False when it was there already.

    `assets` is where the three source files lie, by default in the installed wheel. Raises
    EngineNotInstalled when one is missing or not the file expected, OSError when the disk will not have it.
    """
    folder = folder.resolve()
    with made.alone(folder):
        if made.holds(folder, converter=voice.CONVERTER, sources=SHA256):
            return False
        made.write(folder, _outputs(assets), converter=voice.CONVERTER, sources=SHA256)
    return True


def _outputs(assets: Path | None) -> dict[str, bytes]:
    sources = load_assets(assets)
    acoustic, vocoder = TfliteWeights(sources.acoustic), TfliteWeights(sources.vocoder)
    return {
        voice.ENCODER: build_encoder(acoustic),
        voice.DECODER: build_decoder(acoustic),
        voice.VOCODER: build_vocoder(vocoder),
        voice.SYMBOL_IDS: json.dumps(sources.symbols).encode(),
    }


def default_folder() -> Path:
    return Path(os.environ.get("GOVVOICE_VAR", "var")) / "voices" / "fastspeech2"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="convert", description="Make the embedded voice's graphs.")
    parser.add_argument("--out", type=Path, default=default_folder(), help="folder (default: %(default)s)")
    folder: Path = parser.parse_args(arguments).out
    try:
        is_new = convert(folder)
    except (EngineNotInstalled, OSError) as error:
        sys.stderr.write(f"the embedded voice could not be made: {error}\n")
        return 1
    sys.stdout.write(f"the embedded voice {'is made' if is_new else 'is already there'}: {folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
