"""Under which settings does the probe work? No limit stops it, no message leaves the house, the log is not flooded."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core import mail
from django.test import override_settings

HOST = "testserver"


@contextmanager
def at_ease() -> Iterator[None]:
    hosts = [HOST, *settings.ALLOWED_HOSTS, f".{settings.BASE_DOMAIN}"]
    mails = "django.core.mail.backends.locmem.EmailBackend"
    outside, quiet = getattr(mail, "outbox", None), logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    with override_settings(ALLOWED_HOSTS=hosts, LIMITS_TIMES=1_000_000, RATE_LIMIT_MAX=1_000_000, EMAIL_BACKEND=mails):
        try:
            yield
        finally:
            logging.disable(quiet)
            if outside is not None:
                mail.outbox = outside
