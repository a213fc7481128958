"""What does a page of the admin cost? The same look as everybody measures it by."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import signed_in


def cost(client: Any, url: str) -> int:
    """Statements of a look that is not the first; what is remembered for a second has been forgotten. The least of three: a
    session that is noted as used now and then is not the list's."""
    client.get(url)
    tries = []
    for _ in range(3):
        signed_in.forget()
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url).status_code == 200
        tries.append(len(seen))
    return min(tries)
