"""Who can speak and how, what was asked for, and the sound that was made."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

sha256_validator = RegexValidator(r"^[0-9a-f]{64}$")


def mandarin() -> list[str]:
    return ["zh-CN"]


HAPPY = "happy"
SOLEMN = ("obituary", "disaster")  # categories that staff cannot make cheerful


class Speaker(models.Model):
    """A timbre (发音人)."""

    class Gender(models.TextChoices):
        FEMALE = "female", _("女声")
        MALE = "male", _("男声")
        CHILD = "child", _("童声")

    class Language(models.TextChoices):
        """What a text may be written in, as BCP 47 tags."""

        MANDARIN = "zh-CN", _("普通话")
        CANTONESE = "zh-HK", _("粤语")
        ENGLISH = "en", _("英语")

    code = models.SlugField(_("代码"), max_length=32, unique=True)
    name = models.CharField(_("名称"), max_length=32, unique=True)
    name_en = models.CharField(_("英文名称"), max_length=32, blank=True)
    gender = models.CharField(_("性别（按听感）"), max_length=8, choices=Gender.choices)
    description = models.CharField(_("介绍"), max_length=200, blank=True)
    # A speaker that was made of another one's sound, and is not to be taken for a further person.
    variant_of = models.ForeignKey(
        "self",
        verbose_name=_("变体来源"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="variants",
    )
    languages = ArrayField(
        models.CharField(max_length=8, choices=Language.choices), verbose_name=_("语种"), default=mandarin
    )
    # Where the store has it; empty: the page shows the name's first sign.
    picture = models.CharField(_("头像"), max_length=200, blank=True, default="", editable=False)
    is_active = models.BooleanField(_("启用"), default=True)
    position = models.PositiveSmallIntegerField(_("排序"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("发音人")
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.local_name

    @property
    def local_name(self) -> str:
        return (self.name_en if (get_language() or "").startswith("en") else "") or self.name

    @property
    def language_names(self) -> list[str]:
        return [str(self.Language(code).label) for code in self.languages]


class Emotion(models.Model):
    """One of the ways to speak (情感). The catalogue is one for all voices: synthesis/reference.py."""

    code = models.SlugField(_("代码"), max_length=16, unique=True)
    name = models.CharField(_("名称"), max_length=16, unique=True)
    name_en = models.CharField(_("英文名称"), max_length=32)
    description = models.CharField(_("适用场景"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("排序"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("情感")
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.local_name

    @property
    def local_name(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name


class Category(models.Model):
    """A kind of announcement (播报类别) and the emotions that it may be spoken with; see categories.py."""

    code = models.SlugField(_("代码"), max_length=32, unique=True)
    name = models.CharField(_("名称"), max_length=16, unique=True)
    name_en = models.CharField(_("英文名称"), max_length=32, blank=True)
    description = models.CharField(_("适用场景"), max_length=200, blank=True)
    emotions = ArrayField(models.CharField(max_length=16), verbose_name=_("可用情感"))
    default_emotion = models.CharField(_("默认情感"), max_length=16)
    default_intensity = models.FloatField(
        _("默认强度"), default=1.0, validators=[MinValueValidator(0.01), MaxValueValidator(2.0)]
    )
    is_solemn = models.BooleanField(_("庄重（不得使用“高兴”）"), default=False)
    position = models.PositiveSmallIntegerField(_("排序"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("播报类别")
        ordering = ["position", "code"]
        constraints = [
            models.CheckConstraint(
                name="a_solemn_category_is_never_happy",
                condition=Q(is_solemn=False) | ~Q(emotions__contains=["happy"]),
            ),
            models.CheckConstraint(
                name="obituaries_and_disasters_are_solemn",
                condition=~Q(code__in=SOLEMN) | Q(is_solemn=True),
            ),
            models.CheckConstraint(
                name="the_default_emotion_is_among_the_allowed",
                condition=Q(emotions__contains=[F("default_emotion")]),
            ),
            models.CheckConstraint(
                name="default_intensity_lies_in_its_range",
                condition=Q(default_intensity__gte=0.01, default_intensity__lte=2.0),
            ),
        ]

    def __str__(self) -> str:
        return self.local_name

    @property
    def local_name(self) -> str:
        return (self.name_en if (get_language() or "").startswith("en") else "") or self.name

    def clean(self) -> None:
        """Raises ValidationError by field, in words; the constraints stand behind it."""
        if self.code in SOLEMN and not self.is_solemn:
            raise ValidationError({"is_solemn": _("“%s”始终是庄重类别，不能取消。") % self.name})
        if not self.emotions:
            return  # said of the field itself
        if self.is_solemn and HAPPY in self.emotions:
            raise ValidationError({"emotions": _("庄重类别不得使用“高兴”。")})
        if self.default_emotion not in self.emotions:
            raise ValidationError({"default_emotion": _("默认情感须在可用情感之内。")})


class Voice(models.Model):
    """A speaker as one engine can speak it. `code` is what API callers write in `voice`."""

    class SpeedClass(models.TextChoices):
        LIVE = "live", _("实时")
        BROADCAST = "broadcast", _("播报")

    code = models.SlugField(_("代码"), max_length=64, unique=True)
    speaker = models.ForeignKey(
        Speaker, verbose_name=_("发音人"), on_delete=models.PROTECT, related_name="voices"
    )
    engine = models.CharField(_("合成引擎"), max_length=32)
    # Which of the engine's models this voice is: a folder under the engine's own. Empty where there is one.
    model = models.CharField(_("模型"), max_length=128, blank=True, default="")
    # A version on trial beside it, and the share of requests, in percent, that it speaks; see versions.py.
    candidate_model = models.CharField(_("候选模型"), max_length=128, blank=True, default="")
    candidate_share = models.PositiveSmallIntegerField(_("候选流量（%）"), default=0)
    previous_model = models.CharField(_("上一模型"), max_length=128, blank=True, default="")
    sample_rate = models.PositiveIntegerField(_("原生采样率（Hz）"))
    speed_class = models.CharField(_("适用"), max_length=16, choices=SpeedClass.choices)
    licence = models.CharField(_("许可"), max_length=200)
    provenance = models.CharField(_("来源"), max_length=300)
    emotions = models.ManyToManyField(
        Emotion, verbose_name=_("情感"), through="VoiceEmotion", related_name="voices"
    )
    is_active = models.BooleanField(_("启用"), default=True)
    is_default = models.BooleanField(_("默认"), default=False)
    # Staff's word that this office may use it: who said so, when, and on what ground.
    licence_cleared_at = models.DateTimeField(_("授权核实时间"), null=True, editable=False)
    licence_cleared_by = models.CharField(
        _("授权核实人"), max_length=64, blank=True, default="", editable=False
    )
    licence_note = models.CharField(_("授权依据"), max_length=300, blank=True, default="", editable=False)
    # Who speaks in the place of a voice out of service, where a text still names it when it is next edited.
    successor = models.ForeignKey(
        "self",
        verbose_name=_("替代音色"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="predecessors",
    )

    class Meta:
        verbose_name = verbose_name_plural = _("音色")
        ordering = ["speaker__position", "code"]
        permissions = [("preview_speech", "Can listen to a text without making a broadcast")]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_voice_is_the_default"
            ),
            models.CheckConstraint(
                name="the_default_voice_is_active", condition=Q(is_default=False) | Q(is_active=True)
            ),
            models.CheckConstraint(
                name="only_a_candidate_has_a_share",
                condition=Q(candidate_share=0) | (Q(candidate_share__lte=100) & ~Q(candidate_model="")),
            ),
            models.CheckConstraint(
                name="a_cleared_licence_says_who_and_why",
                condition=Q(licence_cleared_at__isnull=True)
                | (~Q(licence_cleared_by="") & ~Q(licence_note="")),
            ),
            models.CheckConstraint(
                name="no_voice_takes_its_own_place",
                condition=Q(successor__isnull=True) | ~Q(successor=models.F("id")),
            ),
        ]

    def __str__(self) -> str:
        return str(self.speaker)


class VoiceEmotion(models.Model):
    """An emotion that a voice can do."""

    voice = models.ForeignKey(Voice, verbose_name=_("音色"), on_delete=models.CASCADE)
    emotion = models.ForeignKey(Emotion, verbose_name=_("情感"), on_delete=models.PROTECT)
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("可用情感")
        ordering = ["emotion__position"]
        constraints = [
            models.UniqueConstraint(fields=["voice", "emotion"], name="a_voice_lists_an_emotion_once")
        ]

    def __str__(self) -> str:
        return str(self.emotion)


class VoiceSample(models.Model):
    """A voice in one emotion, to be listened to before it is chosen: made once and kept in the store.

    It belongs to one version of the engine and one text; another of either has it made anew.
    """

    voice = models.ForeignKey(Voice, on_delete=models.CASCADE, related_name="samples")
    emotion = models.ForeignKey(Emotion, on_delete=models.PROTECT, related_name="+")
    engine_version = models.CharField(_("引擎版本"), max_length=64)
    text = models.CharField(_("文本"), max_length=200)
    path = models.CharField(_("存放位置"), max_length=200)
    sha256 = models.CharField(_("音频摘要 (SHA-256)"), max_length=64, validators=[sha256_validator])
    size = models.PositiveIntegerField(_("大小（字节）"))
    seconds = models.FloatField(_("时长（秒）"))
    sample_rate = models.PositiveIntegerField(_("采样率（Hz）"))
    peaks = models.JSONField(_("波形"))
    phrases = models.JSONField(_("分句"))
    made_at = models.DateTimeField(_("生成时间"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("样音")
        ordering = ["emotion__position"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["voice", "emotion"], name="a_voice_has_one_sample_an_emotion")
        ]

    def __str__(self) -> str:
        return f"{self.voice} {self.emotion}"


class Rendition(models.Model):
    """Finished bytes of a script in one voice and format (成品音频), kept in the store with their hash."""

    class State(models.TextChoices):
        QUEUED = "queued", _("排队中")
        MAKING = "making", _("合成中")
        READY = "ready", _("就绪")
        FAILED = "failed", _("失败")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.QUEUED)
    progress = models.PositiveSmallIntegerField(_("进度（%）"), default=0)
    failure = models.CharField(_("失败原因"), max_length=300, blank=True)
    spec = models.JSONField(_("合成参数"))
    text_sha256 = models.CharField(_("文本摘要"), max_length=64, validators=[sha256_validator])
    voice = models.CharField(_("发音人"), max_length=64)
    engine_version = models.CharField(_("引擎版本"), max_length=64, blank=True)
    # What was spoken, as synthesis.pipeline.Plan names it: tells whether the same words sound the same today.
    plan_key = models.CharField(max_length=64, blank=True, default="", editable=False)
    format = models.CharField(_("格式"), max_length=8, default="wav")
    sample_rate = models.PositiveIntegerField(_("采样率（Hz）"), null=True)
    seconds = models.FloatField(_("时长（秒）"), null=True)
    size = models.PositiveIntegerField(_("大小（字节）"), null=True)
    sha256 = models.CharField(_("音频摘要 (SHA-256)"), max_length=64, blank=True)
    path = models.CharField(_("存放位置"), max_length=200, blank=True)
    peaks = models.JSONField(_("波形"), default=list)
    phrases = models.JSONField(_("分句"), default=list)
    created_at = models.DateTimeField(_("创建时间"), default=timezone.now, editable=False)
    touched_at = models.DateTimeField(_("最近进展"), default=timezone.now, editable=False)
    # Staff have since decided on the reading of a word in it. The bytes stay what they were approved as.
    outdated_at = models.DateTimeField(_("过时时间"), null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("成品音频")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="a_ready_rendition_has_its_sound_and_hash",
                condition=~Q(state="ready")
                | (
                    Q(sha256__regex=r"^[0-9a-f]{64}$")
                    & ~Q(path="")
                    & Q(seconds__gt=0)
                    & Q(size__gt=0)
                    & Q(sample_rate__gt=0)
                ),
            ),
            models.CheckConstraint(
                name="a_failed_rendition_says_why", condition=~Q(state="failed") | ~Q(failure="")
            ),
            models.CheckConstraint(name="progress_is_a_percentage", condition=Q(progress__lte=100)),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.seconds or 0:.1f} s"


class Speech(models.Model):
    """One answered request for sound. The text itself is not kept, only its digest and length."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(_("时间"), default=timezone.now, editable=False)
    caller_kind = models.CharField(_("调用方类别"), max_length=16)
    caller_id = models.CharField(_("调用方编号"), max_length=64)
    caller_name = models.CharField(_("调用方"), max_length=64)
    request_id = models.CharField(_("请求编号"), max_length=32, blank=True)
    text_sha256 = models.CharField(_("文本摘要"), max_length=64, validators=[sha256_validator])
    characters = models.PositiveIntegerField(_("字数"))
    voice = models.CharField(_("发音人"), max_length=64)
    engine_version = models.CharField(_("引擎版本"), max_length=64)
    emotion = models.CharField(_("情感"), max_length=16)
    intensity = models.FloatField(
        _("强度"), default=1.0, validators=[MinValueValidator(0.01), MaxValueValidator(2.0)]
    )
    rate = models.FloatField(_("语速"), default=1.0)
    pitch = models.FloatField(_("语调"), default=0.0)
    volume = models.PositiveSmallIntegerField(_("音量"), default=50)
    format = models.CharField(_("格式"), max_length=8)
    sample_rate = models.PositiveIntegerField(_("采样率（Hz）"))
    seconds = models.FloatField(_("时长（秒）"))
    milliseconds = models.PositiveIntegerField(_("合成用时（毫秒）"))
    cache = models.CharField(_("缓存"), max_length=8)
    rendition_key = models.CharField(max_length=64, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("合成记录")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["-created_at"], name="speech_newest_first"),
            models.Index(fields=["caller_kind", "caller_id", "-created_at"], name="speech_by_caller"),
            models.Index(fields=["voice", "-created_at"], name="speech_by_voice"),
        ]
        constraints = [
            models.CheckConstraint(
                name="intensity_lies_in_its_range", condition=Q(intensity__gte=0.01, intensity__lte=2.0)
            ),
            models.CheckConstraint(name="rate_lies_in_its_range", condition=Q(rate__gte=0.5, rate__lte=2.0)),
            models.CheckConstraint(
                name="pitch_lies_in_its_range", condition=Q(pitch__gte=-12.0, pitch__lte=12.0)
            ),
            models.CheckConstraint(name="volume_lies_in_its_range", condition=Q(volume__lte=100)),
        ]

    def __str__(self) -> str:
        return f"{self.caller_name} {self.seconds:.1f} s"
