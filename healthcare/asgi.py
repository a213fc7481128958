"""How do sockets (and, in development, REST requests too) reach the product?"""

import os

from healthcare.embedded.environment import load

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "healthcare.settings")
load()

from django.core.asgi import get_asgi_application  # noqa: E402

django = get_asgi_application()  # loads the apps, so consumers may be imported after it

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402

from healthcare.core import memory  # noqa: E402
from healthcare.core.bodies import Bounded  # noqa: E402
from healthcare.core.postgresql import pooler  # noqa: E402
from healthcare.sockets import urlpatterns  # noqa: E402

pooler.at_start()
application = ProtocolTypeRouter({"http": Bounded(django), "websocket": URLRouter(urlpatterns)})
memory.settle()
