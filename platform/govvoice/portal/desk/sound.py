"""Sound on its way to a browser."""

from __future__ import annotations

from django.http import HttpResponse

from synthesis.audio import AudioFormat


def audio_response(data: bytes, format: AudioFormat, *, name: str, save: bool) -> HttpResponse:
    """The bytes, to play or (`save`) to keep. `name` is ours and plain ASCII: no title gets in here."""
    response = HttpResponse(data, content_type=format.media_type)
    kind = "attachment" if save else "inline"
    response["Content-Disposition"] = f'{kind}; filename="{name}.{format.extension}"'
    return response
