"""Opens released checkpoints without running what is in them, and compares them with what a network needs."""

from __future__ import annotations

import pickle
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import torch
from torch import Tensor

from synthesis.engines.base import EngineNotInstalled

Kind = Literal["missing", "unexpected", "shape", "dtype", "not_finite"]
_NAMED: Final = 5  # faults spelled out in an error's text; all are in its `faults`
_GLOBAL: Final = re.compile(r"GLOBAL ([\w.]+)")
# What a scheduler's state may hold beside tensors: plain numbers in numpy's clothes, which run nothing.
_SCALAR: Final = np.float64().__reduce__()[0]
_HARMLESS: Final[list[Any]] = [
    (np.dtype, "numpy.dtype"),
    *((_SCALAR, f"numpy.{room}.multiarray.scalar") for room in ("core", "_core")),
    *(type(np.dtype(kind)) for kind in ("f4", "f8", "i4", "i8", "?")),
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One tensor that is not as the network needs it; shapes are None where there is nothing to show."""

    kind: Kind
    name: str
    wanted: tuple[int, ...] | None = None
    found: tuple[int, ...] | None = None

    def __str__(self) -> str:
        match self.kind:
            case "missing":
                return f"{self.name} {list(self.wanted or ())} is missing"
            case "unexpected":
                return f"{self.name} {list(self.found or ())} is unexpected"
            case "shape":
                return f"{self.name} has shape {list(self.found or ())}, must be {list(self.wanted or ())}"
            case "dtype":
                return f"{self.name} holds no floating-point numbers"
            case "not_finite":
                return f"{self.name} holds infinite numbers or none at all (NaN)"


class CheckpointError(EngineNotInstalled):
    """A checkpoint that cannot be used. `faults` are its tensors at fault, empty when it cannot be opened."""

    def __init__(self, place: Path, what: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(f"{place}: {what}")
        self.place = str(place)
        self.what = what
        self.faults = faults


class UnsafeCheckpoint(CheckpointError):
    """The file asks for code to be run. None of it was."""


def read_state(path: Path, *keys: str) -> dict[str, Tensor]:
    """The tensors under `keys` of a checkpoint, such as "model", "generator". Raises CheckpointError."""
    found: object = _open(path)
    for depth, key in enumerate(keys, 1):
        if not isinstance(found, Mapping) or key not in found:
            raise CheckpointError(path, f"holds no {'.'.join(keys[:depth])}")
        found = found[key]
    if not isinstance(found, Mapping) or not found:
        raise CheckpointError(path, f"{'.'.join(keys)} holds no tensors")
    for name, tensor in found.items():
        if not isinstance(name, str) or not isinstance(tensor, Tensor):
            raise CheckpointError(path, f"{'.'.join(keys)}: {name!r} is no tensor")
    return dict(found)


def compare(
    state: Mapping[str, Tensor],
    expected: Mapping[str, tuple[int, ...]],
    *,
    optional: Mapping[str, tuple[int, ...]] | None = None,
    ignored: tuple[str, ...] = (),
) -> tuple[Fault, ...]:
    """Every tensor that is missing, unexpected, mis-shaped or no number, in the network's order.

    `optional` ones may be missing; what begins as one of `ignored` is not looked at.
    """
    allowed = {**expected, **{name: shape for name, shape in (optional or {}).items() if name in state}}
    faults = [fault for name, shape in allowed.items() if (fault := _fault_of(name, shape, state.get(name)))]
    surplus = [name for name in state if name not in allowed and not name.startswith(ignored)]
    return (*faults, *(Fault("unexpected", name, found=tuple(state[name].shape)) for name in surplus))


def require_complete(place: Path, faults: tuple[Fault, ...]) -> None:
    """Raises CheckpointError that names the first faults, and how many more there are."""
    if faults:
        more = f"; and {len(faults) - _NAMED} more" if len(faults) > _NAMED else ""
        raise CheckpointError(place, "; ".join(map(str, faults[:_NAMED])) + more, faults)


def _fault_of(name: str, shape: tuple[int, ...], tensor: Tensor | None) -> Fault | None:
    if tensor is None:
        return Fault("missing", name, wanted=shape)
    found = tuple(tensor.shape)
    if found != shape:
        return Fault("shape", name, wanted=shape, found=found)
    if not tensor.is_floating_point():
        return Fault("dtype", name)
    return None if bool(torch.isfinite(tensor).all()) else Fault("not_finite", name)


def _open(path: Path) -> object:
    _look_at_archive(path)
    try:
        with torch.serialization.safe_globals(_HARMLESS):
            return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise CheckpointError(path, "is missing") from error
    except pickle.UnpicklingError as error:
        if named := _GLOBAL.search(str(error)):
            raise UnsafeCheckpoint(path, f"asks to run {named[1]}; refused") from error
        raise CheckpointError(path, "is damaged: its index cannot be read") from error
    # Torch raises whatever its parts raise: RuntimeError for archives, EOFError, KeyError, ValueError below.
    except Exception as error:
        raise CheckpointError(path, f"is damaged or cut off: {_first_line(error)}") from error


def _look_at_archive(path: Path) -> None:
    """A released checkpoint is an archive of stored parts; a packed one could unfold to any size."""
    try:
        with path.open("rb") as file:
            begins_as_archive = file.read(2) == b"PK"
        if begins_as_archive:
            with zipfile.ZipFile(path) as archive:
                _require_stored(path, archive)
    except zipfile.BadZipFile as error:
        raise CheckpointError(path, "is cut off: it begins as an archive and does not end as one") from error
    except OSError as error:
        raise CheckpointError(path, f"cannot be read: {error.strerror}") from error


def _require_stored(path: Path, archive: zipfile.ZipFile) -> None:
    for part in archive.infolist():
        if part.compress_type != zipfile.ZIP_STORED:
            raise UnsafeCheckpoint(path, f"its part {part.filename!r} is packed; refused")
        if part.filename.startswith("/") or ".." in part.filename.split("/"):
            raise UnsafeCheckpoint(path, f"its part {part.filename!r} leads out of the archive; refused")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
