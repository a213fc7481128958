"""Where does a list go on? Cursors of another clinic's lists, and made up ones."""

import base64
from urllib.parse import parse_qs, urlencode, urlsplit

from accounts.roles import Role, reach
from healthcare.core.needs import OPEN, SIGNED_IN
from healthcare.probe.calls import Call, Caller
from healthcare.probe.schema import Described
from healthcare.probe.world import World


def foreign_cursors(world: World, caller: Caller, operations: list[Described]) -> dict[str, str]:
    """For each list: where its second page begins in the other clinic, as somebody there who may read it is told."""
    found = {}
    for one in [one for one in operations if one.is_list]:
        role = next(r for r in Role if one.op.need in (OPEN, SIGNED_IN) or reach(one.op.need, frozenset({r})))
        path = one.path.replace("{clinic_id}", world.b.clinic.slug)
        headers = (("Authorization", world.b.people[role].bearer("own")), ("X-Clinic-ID", world.b.clinic.slug))
        body = {"email": world.b.facts["search"]["email"]} if one.method == "POST" else None
        answer = caller.call(Call(one.method, path, (("page_size", "1"),), body, headers))
        following = answer.body.get("next") if isinstance(answer.body, dict) else None
        if following:
            found[one.key] = parse_qs(urlsplit(following).query)["cursor"][0]
    return found


def cursor_at(**parts: str) -> str:
    return base64.b64encode(urlencode(parts).encode()).decode()
