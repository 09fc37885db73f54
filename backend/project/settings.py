"""Django settings. Everything that differs between two markets comes from the environment (docs/settings.md)."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from django.utils.translation import gettext_lazy as _

from backend.project import environment as env

BASE_DIR = Path(__file__).resolve().parents[2]

# --- where and what ---------------------------------------------------------------------------------------------------
PORT = env.number("PORT", 8000, "Port of the market's web pages.", low=1, high=65533)
BIND = env.text(
    "BIND",
    "127.0.0.1",
    "Address that the web server listens on; `0.0.0.0` lets phones in the same network in.",
)
DATA_DIR = Path(
    env.text("DATA_DIR", "data", "Folder for everything that is kept: database, pictures, logs, keys.")
).resolve()
DEMO = env.switch(
    "DEMO",
    True,
    "`1` fills an empty market with demo goods and starts the demo bank and sound boxes; `0` opens a real market.",
)
PUBLIC_URL = env.text(
    "PUBLIC_URL",
    f"http://127.0.0.1:{PORT}",
    "The market's address as buyers see it; its host is the only one answered besides this machine's own names.",
).rstrip("/")
ALLOWED_HOSTS = [
    urlsplit(PUBLIC_URL).hostname or "",
    "localhost",
    "127.0.0.1",
    "[::1]",
    *env.text("ALLOWED_HOSTS", "", "More host names to answer, separated by commas.").split(","),
]
ALLOWED_HOSTS = [host for host in ALLOWED_HOSTS if host]
HTTPS = PUBLIC_URL.startswith("https://")
WEB_PROCESSES = env.number(
    "WEB_PROCESSES", 2, "Web processes; as many as the machine has cores.", low=1, high=64
)
WEB_THREADS = env.number(
    "WEB_THREADS", 64, "Threads per web process; live pages may hold 40 of them.", low=8, high=512
)
SHOP_ENGINE = env.text(
    "SHOP_ENGINE",
    "embedded",
    "Commerce engine behind the port: `embedded`, or `saleor` at SALEOR_API_URL (docs/saleor.md).",
)
SALEOR_API_URL = env.text(
    "SALEOR_API_URL",
    "",
    "Address of Saleor's GraphQL, ending in `/graphql/`. `manage.py saleor_setup` prepares an empty Saleor there.",
)
SALEOR_TIMEOUT_S = env.number(
    "SALEOR_TIMEOUT_S",
    20,
    "Seconds that one call to Saleor may take, from connecting to the last byte, before ordering pauses.",
    low=1,
    high=120,
)
SALEOR_APIS = [
    address.strip()
    for address in env.text(
        "SALEOR_APIS",
        SALEOR_API_URL,
        "API addresses under which Saleor may name itself when it installs the market as its App, separated by commas; "
        "by default SALEOR_API_URL. Nobody else may install it.",
        shown="",
    ).split(",")
    if address.strip()
]
MQTT_HOST = env.text(
    "MQTT_HOST", "127.0.0.1", "Host of the MQTT broker; on this machine the market starts its own."
)
MQTT_PORT = env.number(
    "MQTT_PORT", PORT + 2, "Port of the MQTT broker; by default PORT + 2.", low=1, high=65535
)
DEMO_BANK_PORT = env.number(
    "DEMO_BANK_PORT", PORT + 1, "Port of the demo bank; by default PORT + 1.", low=1, high=65535
)
UNPAID_HOLD_S = env.number(
    "UNPAID_HOLD_S",
    1800,
    "Seconds that an unpaid VietQR order holds its stock before the market cancels it.",
    low=5,
    high=7 * 86400,
)
PLACING_S = env.number(
    "PLACING_S",
    1800,
    "Seconds that the market goes on placing an order which the shop has not answered; then it gives the order up, tells "
    "the buyer, and takes back what was ordered with it.",
    low=60,
    high=86400,
)
CASH_HOLD_S = env.number(
    "CASH_HOLD_S",
    2 * 86400,
    "Seconds that an order paid in cash holds its stock until its seller accepts it; then the market cancels it.",
    low=5,
    high=30 * 86400,
)
OPEN_ORDERS_PER_BUYER = env.number(
    "OPEN_ORDERS_PER_BUYER",
    10,
    "Orders that one phone number (or account) may have open: neither paid nor accepted, but holding stock.",
    low=1,
    high=10_000,
)
OPEN_ORDERS_PER_ADDRESS = env.number(
    "OPEN_ORDERS_PER_ADDRESS",
    40,
    "The same for one network address, which a whole hamlet or a carrier's phones may share.",
    low=1,
    high=100_000,
)
SWEEP_S = env.number(
    "SWEEP_S",
    5,
    "Seconds between two sweeps of the worker (undelivered events, orders past their time).",
    low=1,
    high=300,
)

DEBUG = False


def _secret_key() -> str:
    given = env.text(
        "SECRET_KEY",
        "",
        "Signs sessions and seals stored secrets. Unset: made once and kept in `DATA_DIR/secret_key`.",
    )
    if given:
        return given
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    path = DATA_DIR / "secret_key"
    if not path.exists():
        # Written whole under a name of its own, then put in place: of two programs that start at once the second reads
        # the first one's key, never half of it.
        mine = DATA_DIR / f"secret_key.{os.getpid()}"
        with os.fdopen(os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(mine, path)
        mine.unlink()
    return path.read_text().strip()


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = [
    key
    for key in env.text(
        "SECRET_KEY_FALLBACKS",
        "",
        "Earlier keys, separated by commas, still accepted while the key is being changed.",
    ).split(",")
    if key
]

# --- apps -------------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "backend.common.apps.CommonConfig",
    "backend.places.apps.PlacesConfig",
    "backend.accounts.apps.AccountsConfig",
    "backend.engine.apps.EngineConfig",
    "backend.ocop.apps.OcopConfig",
    "backend.catalogue.apps.CatalogueConfig",
    "backend.sales.apps.SalesConfig",
    "backend.markets.apps.MarketsConfig",
    "payments.payees.apps.PayeesConfig",
    "payments.intents.apps.IntentsConfig",
    "payments.feeds.apps.FeedsConfig",
    "devices.soundboxes.apps.SoundboxesConfig",
    "integrations.saleor.apps.SaleorConfig",
    "integrations.saleor.app.apps.SaleorAppConfig",
    "backend.api.apps.ApiConfig",
    "storefront.apps.StorefrontConfig",
    "backend.project.apps.ProjectConfig",
]
# Whether this process knows the consumers of every room; see gateway_settings.
MAY_EMIT = True

MIDDLEWARE = [
    "storefront.middleware.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "storefront.middleware.Language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "storefront.middleware.BodyLimits",
    "storefront.middleware.NoControlCharacters",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "storefront.middleware.Refusals",
]

ROOT_URLCONF = "backend.project.urls"
WSGI_APPLICATION = "backend.project.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "storefront" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "storefront.context.page",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "storefront.templatetags.market",
            ],
        },
    }
]

# --- database ---------------------------------------------------------------------------------------------------------
DATABASE_URL = env.text(
    "DATABASE_URL",
    f"sqlite:///{DATA_DIR}/market.sqlite3",
    "Database: SQLite in DATA_DIR, or `postgres://user:password@host:port/name`.",
    shown="sqlite:///DATA_DIR/market.sqlite3",
)
DATABASE_PASSWORD = env.text(
    "DATABASE_PASSWORD", "", "The database's password, where DATABASE_URL does not hold it."
)
try:
    _database: dict[str, Any] = dict(
        dj_database_url.parse(DATABASE_URL, conn_max_age=600, conn_health_checks=True)
    )
except Exception:
    raise env.BadSetting("DATABASE_URL", DATABASE_URL.split("@")[-1], "sqlite:///… or postgres://…") from None
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database |= {
        "ENGINE": "backend.common.sqlite",
        "CONN_HEALTH_CHECKS": False,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # FULL: a bank that was told "stored" must find it stored after a power cut.
            # Every thread has a connection of its own, so a cache counts many times; half a megabyte was measured to
            # be as fast as eight, because the pages of the file are in the system's memory anyway.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
            "PRAGMA cache_size=-512; PRAGMA temp_store=MEMORY;",
            # As many of the last statements as two pages ask stay prepared; 128, the default, took 18 MB in all.
            "cached_statements": 24,
        },
        # A file, not :memory:, so that threads and other processes of a test see one database.
        "TEST": {"NAME": str(DATA_DIR / "test.sqlite3")},
    }
elif _database["ENGINE"] != "django.db.backends.postgresql":
    raise env.BadSetting("DATABASE_URL", DATABASE_URL.split("@")[-1], "sqlite:///… or postgres://…")
elif DATABASE_PASSWORD:
    _database["PASSWORD"] = DATABASE_PASSWORD
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["backend.accounts.backends.SignInBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"backend.accounts.passwords.{rule}"}
    for rule in ("LongEnough", "NotCommon", "NotOnlyDigits", "NotAboutOneself")
]
# Shared by all web processes; counts the attempts of the rate limits. Why the database: accounts.models.CacheEntry.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}
LOGIN_URL = "/vao/"
LOGIN_REDIRECT_URL = "/toi/"
ACCOUNT_ADAPTER = "backend.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "storefront.people.forms.SignInForm",
    "signup": "storefront.people.forms.SignUpForm",
    "reset_password": "storefront.people.forms.ForgotPasswordForm",
    "reset_password_from_key": "storefront.people.forms.NewPasswordForm",
    "change_password": "storefront.people.forms.OwnPasswordForm",
    "set_password": "storefront.people.forms.FirstPasswordForm",
    "confirm_email_verification_code": "storefront.people.forms.EmailCodeForm",
    "confirm_password_reset_code": "storefront.people.forms.ResetCodeForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email", "phone"}
# Our sign-up form takes either; allauth's check wants the address named because proving it is mandatory.
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
# How long an invitation holds (backend.accounts.invitations): time to come by the market's office within a week.
PASSWORD_RESET_TIMEOUT = 7 * 86400
ACCOUNT_SESSION_REMEMBER = True
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ALLAUTH_TRUSTED_PROXY_COUNT = env.number(
    "TRUSTED_PROXIES",
    0,
    "Reverse proxies in front of the market; with 0 the visitor's address is the connection's, which behind a "
    "proxy would put all visitors under one rate limit.",
    low=0,
    high=5,
)
# Per number or address ("key") so that a guesser gains nothing from many machines: at most 50 guesses a day at a code
# of six digits. Per machine ("ip") loosely, since a whole hamlet may share one address.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "30/m/ip,5/5m/key",
    "signup": "30/m/ip",
    "signup_phone": "5/h/key",
    # Mails to whom nobody asked first: the code of a new account, and word to an address that has one.
    "signup_mail": "60/h/ip",
    "known_mail": "3/h/key,5/d/key",
    "confirm_email": "1/20s/key,10/d/key",
    "reset_password": "20/m/ip,3/10m/key,10/d/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
}

# Answers to the questions of a first opening (DEMO=0 on an empty folder), for machines without a terminal.
MARKET_COMMUNE = env.text(
    "MARKET_COMMUNE", "", "First opening: the commune, by its code (`31333`) or by a name that means one."
)
MARKET_NAME = env.text("MARKET_NAME", "", "First opening: the market's name.")
MARKET_ADMIN_NAME = env.text("MARKET_ADMIN_NAME", "", "First opening: name of the administrator.")
MARKET_ADMIN_LOGIN = env.text(
    "MARKET_ADMIN_LOGIN",
    "",
    "First opening: mobile number or e-mail address that the administrator signs in with.",
)
env.text(
    "MARKET_ADMIN_PASSWORD",
    "",
    "First opening: the administrator's password, held to the same rules as everybody's. Read once, never kept.",
)

# --- sessions, cookies, transport ------------------------------------------------------------------------------------
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 60 * 86400
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "storefront.views.csrf_failure"
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
GRAPHQL_ORIGINS = [
    each
    for each in env.text(
        "GRAPHQL_ORIGINS",
        "*",
        "Sites whose pages may ask /graphql/ in a browser, separated by commas; `*` for all. No cookie is read there.",
    ).split(",")
    if each
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 8
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

# --- language and time -----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Tiếng Việt")), ("en", "English")]
LANGUAGE_COOKIE_NAME = "language"
LOCALE_PATHS = [BASE_DIR / "storefront" / "locale"]
FORMAT_MODULE_PATH = ["backend.common.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_THOUSAND_SEPARATOR = False

# --- files -----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "storefront" / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# --- mail ------------------------------------------------------------------------------------------------------------
_mail = urlsplit(
    env.text(
        "EMAIL_URL",
        "file://",
        "`smtp://user:password@host:port`, `smtps://…`, or `file://` to write mails into `DATA_DIR/mail`.",
    )
)
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "Chợ Xã <cho@localhost>", "Sender of the market's mails.")
EMAIL_TIMEOUT = 10
if _mail.scheme in {"smtp", "smtps"}:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = (
        _mail.hostname or "localhost",
        _mail.port or (465 if _mail.scheme == "smtps" else 587),
    )
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.username or "", _mail.password or ""
    EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.scheme == "smtps", _mail.scheme == "smtp" and bool(_mail.username)
elif _mail.scheme == "file":
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(DATA_DIR / "mail")
else:
    raise env.BadSetting("EMAIL_URL", _mail.scheme, "smtp://…, smtps://… or file://")

# --- work in the background ------------------------------------------------------------------------------------------
# The module that makes the Celery app; loaded when the first task is sent, since few processes send any.
TASK_APP = "backend.project.celery"
CELERY_BROKER_URL = env.text(
    "CELERY_BROKER_URL",
    "filesystem://localhost",
    "`filesystem://localhost` (a folder in DATA_DIR) or `redis://…`.",
)
if CELERY_BROKER_URL.startswith("filesystem"):
    _queue = DATA_DIR / "queue"
    for _folder in (_queue, _queue / "done"):
        _folder.mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue),
        "data_folder_out": str(_queue),
        "processed_folder": str(_queue / "done"),
        "control_folder": str(_queue / "control"),
        "store_processed": False,
        "polling_interval": 0.1,
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_ACKS_LATE = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = {
    "deliver-events": {
        "task": "backend.common.tasks.deliver_events",
        "schedule": SWEEP_S,
        "options": {"expires": SWEEP_S},
    },
    "expire-orders": {
        "task": "backend.sales.tasks.cancel_unpaid_orders",
        "schedule": SWEEP_S,
        "options": {"expires": SWEEP_S},
    },
    "prune-events": {"task": "backend.common.tasks.prune_events", "schedule": 3600},
    "forget-visitors": {"task": "backend.sales.tasks.forget_visitors", "schedule": 3600},
    "repair-from-saleor": {
        "task": "integrations.saleor.app.tasks.repair_from_saleor",
        "schedule": 300,
        "options": {"expires": 300},
    },
    "tidy-engine": {"task": "backend.engine.tasks.tidy_engine", "schedule": 6 * 3600},
    "tidy-saleor": {"task": "integrations.saleor.tasks.tidy_saleor", "schedule": 6 * 3600},
}

# --- log -------------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"backend": {"level": "INFO"}, "payments": {"level": "INFO"}, "devices": {"level": "INFO"}},
}
