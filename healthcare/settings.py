"""How is the product set up? One file, by subject; every variable is in `.env.example` with its meaning."""

import sys
from pathlib import Path
from typing import Any

from healthcare import admin_look, enums
from healthcare.core import env

BASE_DIR = Path(__file__).resolve().parent.parent

# -- environment -------------------------------------------------------------------------------------------------------
ENVIRONMENT = env.choice("HEALTHCARE_ENV", "production", ("development", "test", "production"))
DEVELOPMENT = ENVIRONMENT != "production"
DEBUG = False  # a debug page shows variables, and variables hold health data
SECRET_KEY = env.secret("SECRET_KEY")
ROOT_KEY = env.text("ROOT_KEY", "")
ROOT_KEY_FILE = env.text("ROOT_KEY_FILE", "")
ROOT_KEYS_FORMER = env.words("ROOT_KEYS_FORMER", "")
ROOT_PROVIDER = env.text("ROOT_PROVIDER", "healthcare.core.keystore.root.ConfiguredRoot")
BASE_URL = env.text("BASE_URL", "http://127.0.0.1:8088")
BASE_DOMAIN = env.text("BASE_DOMAIN", "localhost")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,.localhost,testserver" if DEVELOPMENT else "")
TRUSTED_PROXIES = env.words("TRUSTED_PROXIES", "")
DEMO_PASSWORD = env.text("DEMO_PASSWORD", "demo-clinic-2026")

# -- applications ------------------------------------------------------------------------------------------------------
SHARED_APPS = [
    "healthcare.core",  # before django_tenants, whose `migrate` command ours replaces
    "django_tenants",
    "healthcare.core.keystore",
    "clinics",
    "accounts",
    "monitoring",
    "notifications.notices",
    "appointments.busy",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "unfold",
    "django.contrib.admin",
    "auditlog",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "healthcare.demo",
    "healthcare.probe",
]
SMALL_APPS = ("queue", "payments", "calendars", "checkin", "courses", "video", "waitlist")
TENANT_APPS = [
    "patients",
    "patients.glass",
    "appointments",
    *(f"appointments.{name}" for name in SMALL_APPS),
    "notifications",
    "notifications.webhooks",
    "monitoring.trail",
    "monitoring.daily",
]
INSTALLED_APPS = SHARED_APPS + TENANT_APPS
TENANT_MODEL = "clinics.Clinic"
TENANT_DOMAIN_MODEL = "clinics.Domain"
TENANT_SYNC_ROUTER = "healthcare.core.db_router.Router"
AUTH_USER_MODEL = "accounts.User"
CANARY_CLINIC = env.text("CANARY_CLINIC", "")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPOINTMENT_PLUGINS = [
    "appointments.plugins.consultation.Consultation",
    "appointments.plugins.general.GENERAL",
    "appointments.plugins.ayurveda.AYURVEDA",
]
QUEUE_MERGE_RULE = "appointments.queue.merge.by_priority_then_time"

# -- databases ---------------------------------------------------------------------------------------------------------
# commands fork and run long: no pool for them, but for the worker, which serves jobs with threads as the web serves requests
SERVING = not (len(sys.argv) > 1 and sys.argv[0].endswith("manage.py")) or sys.argv[1] == "worker"
DATABASES: dict[str, Any] = {
    "default": env.database("DATABASE_URL", engine="healthcare.core.postgresql", pooled=SERVING),
    "owner": env.database("OWNER_DATABASE_URL", engine="healthcare.core.postgresql", pooled=False, fallback="DATABASE_URL"),
    "keystore": env.database("KEYSTORE_URL", engine="django.db.backends.postgresql", pooled=SERVING),
}
DATABASES["default"]["CLINIC_ROLES"] = env.flag("CLINIC_ROLES", True)
DATABASES["owner"]["CLINIC_ROLES"] = False
DATABASE_ROUTERS = ["healthcare.core.db_router.Router"]

# -- Valkey ------------------------------------------------------------------------------------------------------------
REDIS_URL = env.redis_url()
CACHE_URL = env.text("CACHE_URL", REDIS_URL)
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": CACHE_URL,
        "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 0.5, "SOCKET_TIMEOUT": 0.5, "IGNORE_EXCEPTIONS": True},
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "healthcare.core.realtime.layer.HintLayer",
        # socket_timeout None: redis-py's default would end an idle subscription
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None, "socket_connect_timeout": 2}], "prefix": "rt"},
    }
}

# -- jobs --------------------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# no pause before the one retry: a booking waits for its message, and the ticker sends again anyway
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 0.5,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# -- requests ----------------------------------------------------------------------------------------------------------
ROOT_URLCONF = "healthcare.urls"
APPEND_SLASH = False
ASGI_APPLICATION = "healthcare.asgi.application"
WSGI_APPLICATION = "healthcare.wsgi.application"
MIDDLEWARE = [
    "healthcare.core.middleware.Circumstances",
    "monitoring.metrics.Measured",
    "monitoring.trail.refusals.RefusalsRecorded",
    "monitoring.trail.reading.ReadsRecorded",
    "healthcare.core.middleware.Door",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accounts.admin_session.StaffSession",
    "accounts.admin_clinic.AdminClinic",
]
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
            ]
        },
    }
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# uploads are health data: they stay in memory, never in a plain file of the system's temporary folder
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 26 * 1024 * 1024  # above what the door lets in
UPLOADS = [r"/patients/[0-9a-fA-F-]{36}/documents", r"/patients/imports"]  # where a body may be larger than 1 MB
RATE_LIMIT_MAX = env.number("RATE_LIMIT_MAX", 1000)
LIMITS_TIMES = env.number("LIMITS_TIMES", 1) if DEVELOPMENT else 1  # for load tests: every limit so many times as high
RATE_LIMIT_SECONDS = env.seconds("RATE_LIMIT_WINDOW", "1 minute")

# -- REST --------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.Bearer"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.permissions.RoleTable"],
    "DEFAULT_PARSER_CLASSES": ["healthcare.core.wire.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["healthcare.core.wire.JSONRenderer", "healthcare.core.wire.ProblemRenderer"],
    "DEFAULT_PAGINATION_CLASS": "healthcare.core.pages.Pages",
    "DEFAULT_FILTER_BACKENDS": [],
    "DEFAULT_SCHEMA_CLASS": "healthcare.core.openapi.Described",
    "EXCEPTION_HANDLER": "healthcare.core.problems.handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "TEST_REQUEST_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer", "rest_framework.renderers.MultiPartRenderer"],
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Healthcare platform",
    "DESCRIPTION": "Clinics, people, appointments and live queues. Errors are RFC 9457 problems; lists are cursor pages.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": enums.NAMES,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "healthcare.core.openapi.with_problems",
    ],
}

# -- charts -------------------------------------------------------------------------------------------------------------
DOCUMENTS_DIR = env.text("DOCUMENTS_DIR", str(BASE_DIR / ".local" / "documents"))
CHART_RETENTION_YEARS = env.number("CHART_RETENTION_YEARS", 6)

# -- people ------------------------------------------------------------------------------------------------------------
# name (as in Clinic.domain) -> plugin; the first is the usual one: accounts/domains/README.md
AUTH_DOMAINS = {
    "healthcare": "accounts.domains.healthcare.Healthcare",
    "fashion": "accounts.domains.fashion.Fashion",
}
AUTHENTICATION_BACKENDS = ["accounts.authentication.AdminLogin"]
# whether the second step that domains ask for is asked for here; development can do without, so that demo logins are simple
MFA_POLICY = env.choice("MFA_POLICY", "optional" if DEVELOPMENT else "required", ("optional", "required"))
MFA_GRACE = env.seconds("MFA_GRACE", "7 days")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "admin:login"

BREAK_GLASS_SECONDS = env.seconds("BREAK_GLASS", "30 minutes")  # how long a chart stays open after an emergency was stated

# -- browser security --------------------------------------------------------------------------------------------------
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEVELOPMENT
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", not DEVELOPMENT)
SECURE_REDIRECT_EXEMPT = [r"^health"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 0 if DEVELOPMENT else 31536000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEVELOPMENT
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", "")
CSRF_FAILURE_VIEW = "healthcare.core.problems.csrf_failure"

# -- mail --------------------------------------------------------------------------------------------------------------
MAIL_FILE_DIR = env.text("MAIL_FILE_DIR", "")
EMAIL = env.mail("EMAIL_URL", MAIL_FILE_DIR)
EMAIL_BACKEND = EMAIL["backend"]
EMAIL_FILE_PATH = EMAIL["path"]
EMAIL_HOST, EMAIL_PORT = EMAIL["host"], EMAIL["port"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = EMAIL["user"], EMAIL["password"]
EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL["tls"], EMAIL["ssl"]
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "no-reply@healthcare.example")

# -- care at a distance, arriving, waiting -----------------------------------------------------------------------------
VIDEO = env.video(DEVELOPMENT, SECRET_KEY)
CHECK_IN_RADIUS = env.number("CHECK_IN_RADIUS", 150)
WAITLIST_HOLD = env.seconds("WAITLIST_HOLD", "15 minutes")
CALENDAR_TIMEOUT = 10.0  # seconds of a calendar's whole answer

# -- money outside -------------------------------------------------------------------------------------------------------
STRIPE_API_URL = env.text("STRIPE_API_URL", "https://api.stripe.com")
PAYMENT_RETURN_URL = env.text("PAYMENT_RETURN_URL", BASE_URL)

# -- text messages -----------------------------------------------------------------------------------------------------
MESSAGE_FILE_DIR = env.text("MESSAGE_FILE_DIR", "")
SMS = env.account("SMS_URL")
SMS_FROM = env.text("SMS_FROM", "")
WHATSAPP = env.account("WHATSAPP_URL")
WHATSAPP_CODE_TEMPLATE = env.text("WHATSAPP_CODE_TEMPLATE", "sign_in_code")
CODES_PER_DAY = env.number("CODES_PER_DAY", 5000)
CODES_PER_PREFIX = env.number("CODES_PER_PREFIX", 500)
WHATSAPP_APP_SECRET, WHATSAPP_VERIFY_TOKEN = env.text("WHATSAPP_APP_SECRET", ""), env.text("WHATSAPP_VERIFY_TOKEN", "")
VAPID_PRIVATE_KEY = env.text("VAPID_PRIVATE_KEY", "")
WEBHOOK_NETWORKS = env.words("WEBHOOK_NETWORKS", "")
SIGN_IN_BEAT = 0.25  # seconds: a refused password, a code or link asked for takes one of them or more, whoever it is
MESSAGE_TIMEOUT = 5.0  # seconds of a provider's whole answer

# -- time, words, files ------------------------------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "healthcare" / "static"]
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEVELOPMENT
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# -- audit and log -----------------------------------------------------------------------------------------------------
AUDITLOG_LOGENTRY_MODEL = "trail.ClinicAuditEntry"
AUDITLOG_MASK_CALLABLE = "monitoring.trail.masks.masked"
AUDIT_KEY = env.text("AUDIT_KEY", "")
AUDIT_KEY_FILE = env.text("AUDIT_KEY_FILE", "")
AUDIT_FORMER_KEYS = env.words("AUDIT_FORMER_KEYS", "")
AUDIT_ANCHORS = env.words("AUDIT_ANCHORS", "")
LOG_LEVEL = env.text("LOG_LEVEL", "INFO")
LOGGING_CONFIG = "monitoring.logs.configure"
LOGGING = {"level": LOG_LEVEL}
METRICS_TOKEN = env.text("METRICS_TOKEN", "")  # who scrapes from a public address shows it

# -- admin -------------------------------------------------------------------------------------------------------------
UNFOLD = admin_look.UNFOLD
