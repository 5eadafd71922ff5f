"""Why a text is not spoken. The doors translate these once, by `status` and `code` (govvoice.problems)."""

from __future__ import annotations

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _


class SpeechError(Exception):
    """A rule refuses the request. `field` and `position` (code points from 0) say where."""

    status: ClassVar[int] = 422
    code: str = "speech_refused"
    # The number of the held text that the caller may ask about, where there is one.
    review: str | None = None

    def __init__(
        self,
        message: Promise | str,
        *,
        code: str | None = None,
        field: str | None = None,
        position: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.field = field
        self.position = position


class TextRefused(SpeechError):
    """The text cannot be spoken as it stands."""


class TextBlocked(SpeechError):
    """The text holds a forbidden word. The word itself is not told to API callers, only its place."""

    code = "text_blocked"


class TextNeedsReview(SpeechError):
    """A person has to decide whether the text may be said; without `review` too many wait already."""

    code = "text_needs_review"

    def __init__(self, review: str | None, *, field: str | None = None, position: int | None = None) -> None:
        if review is None:
            message = _("文本需要人工审核，但您等待审核的文本已经太多，请稍后再提交。")
            super().__init__(message, code="review_queue_full", field=field, position=position)
            return
        sentence = _("文本需要人工审核，待审编号 {code}；放行后重新提交同样的请求即可。")
        super().__init__(format_lazy(sentence, code=review), field=field, position=position)
        self.review = review


class VoiceUnknown(SpeechError):
    """No such voice, or one that is switched off: the two look alike from outside."""

    code = "voice_unknown"

    def __init__(self, *, located: str = "", position: int | None = None) -> None:
        """`located` and `position` when SSML asks for it."""
        field = "voice" if position is None else "ssml"
        super().__init__(located or _("没有这个发音人。"), field=field, position=position)


class EmotionUnsupported(SpeechError):
    code = "emotion_unsupported"


class CategoryUnknown(SpeechError):
    code = "category_unknown"

    def __init__(self) -> None:
        super().__init__(_("没有这个播报类别。"), field="category")


class EmotionNotInCategory(SpeechError):
    """The voice could, but this kind of announcement is not to be spoken so."""

    code = "emotion_not_in_category"


class VoiceNotLive(SpeechError):
    """The voice is too slow to say so much while somebody waits."""

    code = "voice_not_live"


class EmotionNotAllowed(SpeechError):
    """The voice could, but the caller may not ask for it."""

    status = 403
    code = "emotion_not_allowed"


class SpeechUnavailable(SpeechError):
    """Cannot speak now; nothing was done. `retry_after` is in seconds."""

    status = 503
    code = "synthesis_unavailable"
    retry_after = 2

    def __init__(self) -> None:
        super().__init__(_("语音合成暂时不可用，请稍后重试。"))


class VersionRefused(SpeechError):
    """A voice's versions cannot be changed that way."""

    status = 409
    code = "version_refused"


class EnrolmentRefused(SpeechError):
    """A model cannot become a voice of the catalogue."""

    status = 409
    code = "enrolment_refused"


class VoiceRefused(SpeechError):
    """A voice cannot be switched, made the default or declared cleared that way."""

    status = 409
    code = "voice_refused"


class ArchiveRefused(SpeechError):
    """A kept model cannot be had again."""

    status = 409
    code = "archive_refused"
