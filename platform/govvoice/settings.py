"""The one settings file. Deployments differ by environment variables only (docs/operations.md lists them)."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF
from django.urls import reverse_lazy

from govvoice import __version__, connecting, env
from govvoice.portal import appearance

BASE_DIR = Path(__file__).resolve().parents[2]

# trial: one machine, embedded servers, plain HTTP on loopback. production: strict. test: the suite.
ENVIRONMENT = env.choice("GOVVOICE_ENV", ("trial", "production", "test"), "trial")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = False

VAR = Path(env.text("GOVVOICE_VAR", str(BASE_DIR / "var"))).resolve()
VOICES_DIR = Path(env.text("GOVVOICE_VOICES", str(VAR / "voices"))).resolve()

SECRET_KEY = env.text("GOVVOICE_SECRET_KEY")
KEY_PEPPER = env.text("GOVVOICE_KEY_PEPPER")
VERSION = __version__
# Seal what has to be read again, see audit.sealed: the first key seals, the others still open.
DATA_KEYS = env.items("GOVVOICE_DATA_KEYS", None if PRODUCTION else SECRET_KEY)
DATA_CIPHER = env.choice("GOVVOICE_DATA_CIPHER", ("aes", "sm4"), "aes")
# Whether staff must prove themselves twice. A first look at a trial needs no telephone.
SECOND_FACTOR_REQUIRED = (
    env.choice("GOVVOICE_SECOND_FACTOR", ("required", "offered"), "required" if PRODUCTION else "offered")
    == "required"
)

# Whether texts stay on record, sealed under a key of their month, or only their hash and length.
AUDIT_TEXT_SEALED = env.choice("GOVVOICE_AUDIT_TEXT", ("sealed", "digest"), "sealed") == "sealed"

PORT = env.integer("GOVVOICE_PORT", 8000)
ALLOWED_HOSTS = env.items("GOVVOICE_HOSTS", "" if PRODUCTION else "127.0.0.1,localhost,[::1],testserver")
TRUSTED_PROXIES = env.items("GOVVOICE_TRUSTED_PROXIES")
# In which header they pass on a caller's certificate (mutual TLS), as WSGI names it; "": none is read.
CLIENT_CERTIFICATE_HEADER = env.header("GOVVOICE_CLIENT_CERT_HEADER")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # the other one puts its own site in the place of ours
    "govvoice.portal.apps.PortalConfig",
    "govvoice.portal.apps.PortalSiteConfig",
    "django.forms",  # with FORM_RENDERER: templates/ may then overlay the theme's widgets
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "axes",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "audit.apps.AuditConfig",
    "audit.exports.apps.ExportsConfig",
    "accounts.apps.AccountsConfig",
    "synthesis.apps.SynthesisConfig",
    "synthesis.screening.apps.ScreeningConfig",
    "synthesis.lexicon.apps.LexiconConfig",
    "govvoice.broadcasts.apps.BroadcastsConfig",
    "govvoice.operations.apps.OperationsConfig",
    "govvoice.api.apps.ApiConfig",
]

MIDDLEWARE = [
    "govvoice.operations.metrics.Measured",
    "accounts.middleware.RequestOrigin",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "govvoice.portal.headers.BrowserHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "govvoice.portal.gate.Gate",
    "govvoice.portal.readonly.ReadOnly",
    "axes.middleware.AxesMiddleware",
]

UNFOLD = appearance.UNFOLD
ROOT_URLCONF = "govvoice.urls"
WSGI_APPLICATION = "govvoice.wsgi.application"
APPEND_SLASH = False  # an API never redirects a POST; the portal's own links are exact

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"


# A pooler that hands a session on after each transaction (PgBouncer before 1.21) loses prepared statements.
_PREPARING = {"prepare_threshold": 5} if env.choice("GOVVOICE_PREPARE", ("yes", "no"), "yes") == "yes" else {}


def _postgres(url: str) -> dict[str, Any]:
    """postgresql://user:password@host:port/name?option=value; a Unix socket folder goes in ?host=/folder."""
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or options.pop("port", "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,  # a restarted Postgres costs no request
        "OPTIONS": {"connect_timeout": 5, **_PREPARING, **options},
    }


# As whom this process speaks to the database; manage.py and the runner choose by what they start.
DATABASE_AS = env.choice(connecting.CHOICE, tuple(connecting.URLS), "app")
DATABASES = {"default": _postgres(connecting.url_of(DATABASE_AS))}
# To whom `migrate` gives which rights, see audit.grants. Accounts are the cluster's, not a database's.
DATABASE_APP, DATABASE_SEALER = connecting.login_of("app"), connecting.login_of("sealer")
DATABASE_SEPARATE = connecting.is_separate("app") and connecting.is_separate("sealer")
AUDIT_OWNER = env.text("GOVVOICE_AUDIT_OWNER", "govvoice_audit_owner")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "govvoice",
        # A dead Valkey must be noticed in seconds, so that the caller gets his 503 within the deadline.
        "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 2, "SOCKET_TIMEOUT": 5},
    }
}

_S3 = env.text("S3_ENDPOINT", "")


def _store(folder: Path, prefix: str) -> dict[str, Any]:
    """A private store, in the object store where there is one; never served by URL."""
    if not _S3:
        options: dict[str, Any] = {"location": folder, "file_permissions_mode": 0o600}
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    options = {
        "endpoint_url": _S3,
        "bucket_name": env.text("S3_BUCKET"),
        "access_key": env.text("S3_ACCESS_KEY"),
        "secret_key": env.text("S3_SECRET_KEY"),
        "region_name": env.text("S3_REGION", "us-east-1"),
        "addressing_style": "path",
        "location": prefix,
        "file_overwrite": False,
        "max_memory_size": 16 * 1024 * 1024,  # of a file that is read; the rest goes by the disk
        "default_acl": None,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR / "store"},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    # Finished audio of broadcasts; a door checks rights before it reads from here.
    "renditions": _store(VAR / "store", ""),
    # Samples of voices and pictures of speakers, named by their content.
    "voices": _store(VAR / "store", "voices"),
    # Installed models, kept with their hashes for machines to come.
    "models": _store(VAR / "archive", "archive"),
    # Closed months of the audit log.
    "evidence": _store(VAR / "audit" / "archives", "audit"),
    # Exports of the audit log, for a week.
    "exports": _store(VAR / "exports", "exports"),
}

AUTH_USER_MODEL = "accounts.Staff"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # first: it turns away who has failed too often
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # what older installations kept; renewed at login
]
# Rows of the database, so that a restart forgets no failure; numbers come from the policy in force.
AXES_HANDLER = "accounts.lockout.Handler"
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_FAILURE_LIMIT = "accounts.lockout.failure_limit"
AXES_COOLOFF_TIME = "accounts.lockout.lock_time"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # or anyone could keep an account locked for good
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "accounts.lockout.address_of"
AXES_USERNAME_CALLABLE = "accounts.lockout.name_of"
AXES_LOCKOUT_CALLABLE = "govvoice.portal.refusals.locked_out"
AXES_SENSITIVE_PARAMETERS = ["password", "csrfmiddlewaretoken", "code"]
AXES_DISABLE_ACCESS_LOG = True  # the evidence log has it
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
SILENCED_SYSTEM_CHECKS = ["axes.W006"]  # the handler counts by address too, with a limit of its own
LOGIN_URL = reverse_lazy("admin:login")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.passwords.LengthRule"},
    {"NAME": "accounts.passwords.ClassesRule"},
    {"NAME": "accounts.passwords.NamesRule"},
    {"NAME": "accounts.passwords.HistoryRule"},
    {"NAME": "accounts.passwords.CommonRule"},
]
PASSWORD_FORBIDDEN_WORDS = ["govvoice", "zhengwu", "政务语音"]
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
# The longest a policy may allow; accounts.sittings ends a session at the hours and idle minutes in force.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_NAME = "__Host-sessionid" if PRODUCTION else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if PRODUCTION else "csrftoken"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "govvoice.errors.form_from_elsewhere"
CSRF_TRUSTED_ORIGINS = env.items("GOVVOICE_ORIGINS")
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True  # scripts read the token out of the page's forms
LANGUAGE_COOKIE_SECURE, LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SAMESITE = PRODUCTION, True, "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# Nothing from elsewhere, nothing written into a page: only our own files, and what carries the page's nonce.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],  # the theme's own sheet holds its arrows
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF, "blob:"],  # sound that a page has just fetched
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
PERMISSIONS_POLICY = ", ".join(
    [
        *(f"{name}=()" for name in (
            "accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid", "magnetometer",
            "microphone", "midi", "payment", "serial", "usb", "xr-spatial-tracking",
        )),
        "autoplay=(self)", "publickey-credentials-create=(self)", "publickey-credentials-get=(self)",
    ]
)  # fmt: skip
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_SSL_REDIRECT = PRODUCTION
# ASVS 4.1.2: an API answers plain HTTP with an error, it does not redirect; accounts.middleware refuses it.
SECURE_REDIRECT_EXEMPT = [r"^api/", r"^healthz$", r"^health$", r"^ready$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "platform" / "govvoice" / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = ["govvoice.portal.formats"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
# The trial and the tests serve straight from the packages, so that no collectstatic has to come first.
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = False

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["govvoice.api.auth.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["govvoice.api.throttles.CallThrottle"],
    "DEFAULT_PARSER_CLASSES": ["govvoice.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "govvoice.api.errors.handle_exception",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "政务语音平台 API",
    "DESCRIPTION": "Text in, Mandarin speech out, for government hotlines.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
}
# Of one address (an IPv6 network of 64 bits), whoever calls from it; 0 sets no limit.
ADDRESS_LIMITS = {
    "calls_per_second": env.integer("GOVVOICE_ADDRESS_CALLS_PER_SECOND", 200),
    "calls_per_minute": env.integer("GOVVOICE_ADDRESS_CALLS_PER_MINUTE", 6_000),
    "calls_at_once": env.integer("GOVVOICE_ADDRESS_CALLS_AT_ONCE", 0),
    "characters_per_day": env.integer("GOVVOICE_ADDRESS_CHARACTERS_PER_DAY", 0),
    "characters_per_month": env.integer("GOVVOICE_ADDRESS_CHARACTERS_PER_MONTH", 0),
}
API_BODY_LIMIT = 64 * 1024  # bytes; 500 characters of JSON escapes are 6,000

# kombu writes a Unix socket its own way.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)
CELERY_TASK_IGNORE_RESULT = True  # answers travel by Redis streams, see synthesis/cache
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A killed worker's tasks come back after this; no phrase takes that long, and a repeat finds its result made.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 60,
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
    "global_keyprefix": "govvoice:broker:",
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1, "interval_max": 0.2}
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "synthesis.tasks.make_rendition": {"queue": "renders"},
    "audit.tasks.archive_months": {"queue": "renders"},
    "audit.tasks.verify_*": {"queue": "renders"},
    "audit.exports.tasks.make_export": {"queue": "renders"},
    "synthesis.tasks.make_sample": {"queue": "renders"},
}
CELERY_BEAT_SCHEDULE = {
    "archive-months": {"task": "audit.tasks.archive_months", "schedule": 24 * 3600.0},
    "resume-renditions": {"task": "synthesis.tasks.resume_renditions", "schedule": 60.0},
    "make-missing-samples": {"task": "synthesis.tasks.make_missing_samples", "schedule": 600.0},
    # Readings begin and end at midnight; asked every hour, so that a machine asleep then misses nothing.
    "mark-outdated-readings": {"task": "synthesis.tasks.mark_by_calendar", "schedule": 3600.0},
    "close-dormant-accounts": {"task": "accounts.tasks.close_dormant", "schedule": 3600.0},
    "fold-hits": {"task": "synthesis.tasks.fold_hits", "schedule": 60.0},
    "forget-held-texts": {"task": "synthesis.tasks.forget_held_texts", "schedule": 3600.0},
    "send-notices": {"task": "accounts.tasks.send_notices", "schedule": 10.0},
    "forget-notices": {"task": "accounts.tasks.forget_notices", "schedule": 3600.0},
    "keep-signing-keys": {"task": "accounts.tasks.keep_signing_keys", "schedule": 3600.0},
    "watch-clock": {"task": "govvoice.operations.tasks.watch_clock", "schedule": 10.0},
    "resume-exports": {"task": "audit.exports.tasks.resume_exports", "schedule": 60.0},
    # For the month before; asked every hour, so that a machine asleep at two on the first misses nothing.
    "report-month": {"task": "audit.exports.tasks.report_month", "schedule": crontab(minute=0)},
    "forget-exports": {"task": "audit.exports.tasks.forget_exports", "schedule": 3600.0},
    "clear-sessions": {"task": "govvoice.operations.tasks.clear_sessions", "schedule": 3600.0},
    # The log looks after itself: a random part of it each night, all of it on Sundays.
    "verify-sample": {"task": "audit.tasks.verify_sample", "schedule": crontab(hour="3", minute="10")},
    "verify-all": {
        "task": "audit.tasks.verify_all",
        "schedule": crontab(hour="3", minute="40", day_of_week="0"),
    },
}
# The Chinese font of PDF reports; empty looks for one, see audit.exports.fonts.
REPORT_FONT = env.text("GOVVOICE_REPORT_FONT", "")
# What a client is told by its webhook: where that may lead, and how often it is tried.
WEBHOOK_HTTP = env.choice("GOVVOICE_WEBHOOK_HTTP", ("refuse", "allow"), "refuse") == "allow"
WEBHOOK_NETWORKS = env.networks("GOVVOICE_WEBHOOK_NETWORKS")
WEBHOOK_TIMEOUT = 5.0  # seconds of one attempt
WEBHOOK_WAITS = (10, 60, 300, 1800, 7200)  # seconds after the first, second ... attempt; then it is given up

CELERY_TIMEZONE = TIME_ZONE

METRICS_NETWORKS = env.networks("GOVVOICE_METRICS_NETWORKS") or ["127.0.0.0/8", "::1/128"]
# Balancers and probes stand in a private network, as a rule.
HEALTH_NETWORKS = env.networks("GOVVOICE_HEALTH_NETWORKS") or [
    *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"),
    *("::1/128", "fc00::/7", "fe80::/10"),
]

# Evidence. The private keys are the sealer's: nobody else calls these.
SEAL_KEY = env.later("GOVVOICE_SEAL_KEY")
SEAL_SM2_KEY = env.later("GOVVOICE_SEAL_SM2_KEY")
# The log's own name in its heads; the first head settles it.
AUDIT_ORIGIN = env.text("GOVVOICE_AUDIT_ORIGIN", "")
# Where every event goes besides: tls://host:port or tcp://host:port.
SIEM = env.text("GOVVOICE_SIEM", "")
SIEM_CA = env.text("GOVVOICE_SIEM_CA", "")
SIEM_FORMAT = env.choice("GOVVOICE_SIEM_FORMAT", ("syslog", "cef", "json"), "syslog")
# Days that events stay in the database; afterwards they are in archives.
AUDIT_ONLINE_DAYS = env.integer("GOVVOICE_AUDIT_ONLINE_DAYS", 400)
# Where heads go besides the database: a file, and a syslog receiver as tls://host:port or tcp://host:port.
AUDIT_HEADS = Path(env.text("GOVVOICE_AUDIT_HEADS", str(VAR / "audit" / "heads.jsonl"))).resolve()
AUDIT_SYSLOG = env.text("GOVVOICE_AUDIT_SYSLOG", "")
AUDIT_SYSLOG_CA = env.text("GOVVOICE_AUDIT_SYSLOG_CA", "")

# Where Sambert voices are spoken: "auto" is the first graphics card this process sees, "none" the processor.
SAMBERT_CARD = env.text("GOVVOICE_SAMBERT_CARD", "auto")
SAMBERT_CARD_SLOTS = env.integer("GOVVOICE_SAMBERT_CARD_SLOTS", 4)  # utterances at once on it
SAMBERT_THREADS = env.integer("GOVVOICE_SAMBERT_THREADS", 1)  # of one utterance on the processor

# The network of the speakers for broadcasts: phrases at once; idle seconds until it is let go (0: never).
KOKORO_SLOTS = env.integer("GOVVOICE_KOKORO_SLOTS", 1)
KOKORO_IDLE_SECONDS = env.integer("GOVVOICE_KOKORO_IDLE_SECONDS", 600)
# What a voice for broadcasts may be asked for while somebody waits: about half the deadline on one slow core.
BROADCAST_VOICE_SYLLABLES = env.integer("GOVVOICE_BROADCAST_VOICE_SYLLABLES", 60)

SPEECH_MAX_CHARACTERS = 500
# Emoji are reported as unreadable, or those with a name are said by it.
NAME_EMOJI = env.choice("GOVVOICE_EMOJI", ("refuse", "name"), "refuse") == "name"
SPEECH_DEADLINE = 20.0  # seconds a caller waits before he is told 503
MEMORY_CACHE_SECONDS = 600
MEMORY_CACHE_BYTES = 64 * 1024 * 1024
REDIS_CACHE_SECONDS = 24 * 60 * 60

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "govvoice.operations.logs.OneLineFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "axes": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},  # thirty lines a report, of glyph names
    },
}

if ENVIRONMENT == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
