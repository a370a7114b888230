"""Every setting, from the environment, with defaults for one machine.

`docs/settings.md` documents each variable; a test holds the two together.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import environ
from cryptography.fernet import Fernet

from studio import ports, secretfiles

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
STUDIO_DATA_DIR = Path(env.str("STUDIO_DATA_DIR", str(BASE_DIR / "data"))).resolve()
with suppress(OSError):  # studio.E001 says it better
    secretfiles.private_folder(STUDIO_DATA_DIR)
STUDIO_PORT = ports.checked(env.str("PORT", "") or "8080")
STUDIO_BASE_URL = env.str("STUDIO_BASE_URL", f"http://127.0.0.1:{STUDIO_PORT}")
_base = urlsplit(STUDIO_BASE_URL)
_is_https = _base.scheme == "https"

SECRET_KEY = env.str("STUDIO_SECRET_KEY", "") or secretfiles.read_or_create(
    STUDIO_DATA_DIR / "secrets" / "secret_key", lambda: secrets.token_urlsafe(48)
)
STUDIO_ENCRYPTION_KEYS = env.list("STUDIO_ENCRYPTION_KEYS", default=[]) or [
    secretfiles.read_or_create(
        STUDIO_DATA_DIR / "secrets" / "encryption_key", lambda: Fernet.generate_key().decode()
    )
]

DEBUG = False
ALLOWED_HOSTS = [
    *env.list("STUDIO_ALLOWED_HOSTS", default=[]),
    *{_base.hostname or "localhost", "localhost", "127.0.0.1", "[::1]"},
]

INSTALLED_APPS = [
    "studio.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "studio.apps.StoredSettingsConfig",
    "axes",
    "csp",
    "django_htmx",
    "django_q",
    "lucide",
    "ninja",
    "studio.accounts",
    "providers",
    "videos",
    "studio",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "studio.middleware.envelope_errors",
    "studio.middleware.one_spelling",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "studio.accounts.sessions.note_use",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "studio.urls"
WSGI_APPLICATION = "studio.wsgi.application"
APPEND_SLASH = False
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
                "videos.pages.navigation.navigation",
            ],
        },
    },
]

# Database: SQLite in the data directory, or DATABASE_URL
DATABASES = {
    "default": env.db_url("DATABASE_URL", f"sqlite:///{STUDIO_DATA_DIR / 'rushes.sqlite3'}")
}
DATABASES["default"]["CONN_MAX_AGE"] = 600
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: a paid submission that was noted must survive a power cut.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Cache: local memory, or REDIS_URL. django-q2's own status lines never leave the process.
REDIS_URL = env.str("REDIS_URL", "")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "default"},
    "queue": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "queue"},
}

# Queue: `manage.py worker` gives each cluster its own queue through these two variables.
STUDIO_QUEUE_BROKER = env.str("STUDIO_QUEUE_BROKER", "database")
Q_CLUSTER = {
    "name": "rushes",
    "cluster_name": env.str("STUDIO_QUEUE", "rushes"),
    "workers": env.int("STUDIO_QUEUE_WORKERS", 2),
    "queue_limit": 2,
    "poll": 0.1,
    "save_limit": -1,
    "ack_failures": True,
    "max_attempts": 1,
    "timeout": 3600,
    "retry": 3700,
    "catch_up": False,
    "scheduler": env.bool("STUDIO_QUEUE_SCHEDULER", False),
    "cache": "queue",
    "log_level": "WARNING",
    "label": "Queue",
    **({"redis": REDIS_URL} if STUDIO_QUEUE_BROKER == "redis" else {"orm": "default"}),
}

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "studio"
LOGOUT_REDIRECT_URL = "sign-in"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=10)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_USERNAME_FORM_FIELD = "username"  # of the sign-in form, not the model
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
AXES_CLIENT_IP_CALLABLE = "studio.accounts.address.client_address"
SESSION_ENGINE = "studio.accounts.sessions"

# Cookies and headers. Everything that needs https follows STUDIO_BASE_URL.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _is_https
SESSION_COOKIE_NAME = "__Host-rushes" if _is_https else f"rushes-{_base.port or 80}"
CSRF_COOKIE_NAME = "__Host-rushes-csrf" if _is_https else f"rushes-csrf-{_base.port or 80}"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = _is_https
SECURE_HSTS_SECONDS = 31_536_000 if _is_https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _is_https
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
STUDIO_BEHIND_PROXY = env.bool("STUDIO_BEHIND_PROXY", False)
if STUDIO_BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "media-src": ["'self'", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

# Files
STATIC_URL = "/static/"
STATIC_ROOT = STUDIO_DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = STUDIO_DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
# A request holds at most one picture as a data URI (20 MiB by OpenAI's rule) and its text.
STUDIO_MAX_BODY_BYTES = env.int("STUDIO_MAX_BODY_BYTES", 24 * 1024 * 1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = STUDIO_MAX_BODY_BYTES
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 40  # the most references that a model takes, and frames
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Providers
RUNWAY_BASE_URL = env.str("RUNWAYML_BASE_URL", "") or "https://api.dev.runwayml.com"
STUDIO_PROVIDER_HOSTS = env.list("STUDIO_PROVIDER_HOSTS", default=["api.dev.runwayml.com"])
STUDIO_PROVIDER_ORIGINS = [
    *env.list("STUDIO_PROVIDER_ORIGINS", default=[]),
    *([RUNWAY_BASE_URL] if env.str("RUNWAYML_BASE_URL", "") else []),
]
STUDIO_SECRETS_DIR = Path(
    env.str("STUDIO_SECRETS_DIR", str(STUDIO_DATA_DIR / "secrets" / "keys"))
).resolve()
STUDIO_PROVIDERS_FILE = env.str("STUDIO_PROVIDERS_FILE", "")
STUDIO_SECRET_ENV_NAMES = env.list("STUDIO_SECRET_ENV_NAMES", default=[])
STUDIO_ROUTING = env.str("STUDIO_ROUTING", "weighted")
STUDIO_KEY_TEST_SECONDS = env.float("STUDIO_KEY_TEST_SECONDS", 300.0)
STUDIO_CATALOG_FILE = env.str("STUDIO_CATALOG_FILE", "")
STUDIO_EDIT_MODEL = env.str("STUDIO_EDIT_MODEL", "aleph2")
STUDIO_EXTEND_MODEL = env.str("STUDIO_EXTEND_MODEL", "seedance2_5")
STUDIO_FIRST_FRAME_CREDITS = {
    "720p": env.int("STUDIO_FIRST_FRAME_CREDITS_720P", 5),
    "1080p": env.int("STUDIO_FIRST_FRAME_CREDITS_1080P", 8),
}

# Money
STUDIO_CREDIT_PRICE = Decimal(env.str("STUDIO_CREDIT_PRICE", "0.01"))
STUDIO_CURRENCY = env.str("STUDIO_CURRENCY", "USD")

# What administrators change while it runs, with its defaults; providers/house.py reads it.
CONSTANCE_BACKEND = "studio.stored.StoredSettings"
CONSTANCE_ADDITIONAL_FIELDS = {
    f"{name}Field": [f"studio.settings_fields.{name}Field", {}]
    for name in ("Models", "Model", "Order", "Price", "Currency", "Strategy", "Days")
}
CONSTANCE_CONFIG = {
    "MODELS_OFF": ([], "Nobody can ask for these; videos under way go on.", "ModelsField"),
    "FIRST_MODEL": ("", "Where a person chose none of their own.", "ModelField"),
    "SORA_2_MODELS": ([], "Ids, one in each line. Empty: as the catalogue has it.", "OrderField"),
    "SORA_2_PRO_MODELS": ([], "The same for sora-2-pro.", "OrderField"),
    "CREDIT_PRICE": (STUDIO_CREDIT_PRICE, "What one credit is worth.", "PriceField"),
    "CURRENCY": (STUDIO_CURRENCY, "Stands behind amounts of money.", "CurrencyField"),
    "ROUTING": (STUDIO_ROUTING, "Which of several keys makes a video.", "StrategyField"),
    "TRASH_DAYS": (30, "After so many days there a video is deleted for good.", "DaysField"),
}
CONSTANCE_CONFIG_FIELDSETS = (
    ("Models", ("MODELS_OFF", "FIRST_MODEL", "SORA_2_MODELS", "SORA_2_PRO_MODELS")),
    ("Money, keys and library", ("CREDIT_PRICE", "CURRENCY", "ROUTING", "TRASH_DAYS")),
)

# The worker
STUDIO_SUBMIT_PARALLEL = env.int("STUDIO_SUBMIT_PARALLEL", 2)
STUDIO_MAX_VIDEO_BYTES = env.int("STUDIO_MAX_VIDEO_BYTES", 2 * 1024**3)
STUDIO_SILENCE = timedelta(minutes=env.int("STUDIO_SILENCE_MINUTES", 30))
STUDIO_DEADLINE = timedelta(hours=env.int("STUDIO_DEADLINE_HOURS", 24))
STUDIO_TASK_RETRIES = env.int("STUDIO_TASK_RETRIES", 1)
STUDIO_FOLLOW_SECONDS = env.float("STUDIO_FOLLOW_SECONDS", 5.0)
STUDIO_LEASE_SECONDS = env.int("STUDIO_LEASE_SECONDS", 20)
STUDIO_WEBHOOK_HOSTS = env.list("STUDIO_WEBHOOK_HOSTS", default=[])

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "nobody": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["console"], "level": env.str("STUDIO_LOG_LEVEL", "INFO")},
    "loggers": {
        "django-q": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"handlers": ["nobody"], "propagate": False},
        "axes": {"level": "WARNING"},
    },
}
