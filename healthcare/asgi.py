"""How do sockets (and, in development, REST requests too) reach the product?"""

import os

from healthcare.embedded.environment import load

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "healthcare.settings")
load()

import django  # noqa: E402

django.setup(set_prefix=False)  # loads the apps, so consumers may be imported after it

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402

from healthcare.core import memory  # noqa: E402
from healthcare.core.bodies import Bounded  # noqa: E402
from healthcare.core.postgresql import pooler  # noqa: E402
from healthcare.core.serving import Handler  # noqa: E402
from healthcare.sockets import urlpatterns  # noqa: E402

pooler.at_start()
application = ProtocolTypeRouter({"http": Bounded(Handler()), "websocket": URLRouter(urlpatterns)})
memory.settle()
