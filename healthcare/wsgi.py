"""How do REST requests reach Django? (production: granian or gunicorn, few threads)"""

import os

from django.core.wsgi import get_wsgi_application

from healthcare.embedded.environment import load

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "healthcare.settings")
load()

application = get_wsgi_application()

from healthcare.core import memory  # noqa: E402  (settings are loaded only now)
from healthcare.core.postgresql import pooler  # noqa: E402

pooler.at_start()
memory.settle()
