"""Pictures of speakers: whatever staff send is drawn anew, so that nothing but pixels is kept."""

from __future__ import annotations

import hashlib
import io

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from synthesis.models import Speaker

BYTES = 2 * 1024 * 1024
PIXELS = 16_000_000  # of the picture as sent: a small file can hold a wall of one colour
SMALLEST = 64  # pixels a side
SIDE = 256  # pixels a side of what is kept


def draw(data: bytes) -> bytes:
    """A square PNG out of the middle of a PNG or JPEG. Raises ValidationError."""
    if len(data) > BYTES:
        raise _refused(_("图片不能超过 2 MB。"), "picture_too_large")
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as sent:
            _check_size(*sent.size)
            upright = ImageOps.exif_transpose(sent).convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise _refused(_("不是完整的 PNG 或 JPEG 图片。"), "picture_invalid") from error
    drawn = io.BytesIO()
    ImageOps.fit(upright, (SIDE, SIDE)).save(drawn, "PNG", optimize=True)
    return drawn.getvalue()


def keep(picture: bytes) -> str:
    """Puts a drawn picture into the store: its place there, which its content names."""
    digest = hashlib.sha256(picture).hexdigest()
    name = f"pictures/{digest[:2]}/{digest}.png"
    store = storages["voices"]
    return name if store.exists(name) else str(store.save(name, ContentFile(picture)))


def show(speaker: Speaker) -> bytes:
    """The speaker's picture as it was kept. Raises OSError."""
    with storages["voices"].open(speaker.picture) as file:
        data: bytes = file.read()
    return data


def discard(name: str) -> None:
    """Takes a picture out of the store, unless another speaker has the same one."""
    if name and not Speaker.objects.filter(picture=name).exists():
        storages["voices"].delete(name)


def _check_size(width: int, height: int) -> None:
    if width * height > PIXELS:
        raise _refused(_("图片尺寸过大，长宽相乘不能超过 1600 万像素。"), "picture_too_large")
    if min(width, height) < SMALLEST:
        raise _refused(_("图片太小，长和宽都不能少于 64 像素。"), "picture_too_small")


def _refused(message: str, code: str) -> ValidationError:
    return ValidationError({"picture": ValidationError(message, code=code)})
