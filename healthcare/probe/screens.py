"""What does a waiting-room screen's secret open? Its own display and queues, whatever clinic is named beside it."""

from collections.abc import Iterator
from typing import Any

from healthcare.core.ids import new_id
from healthcare.probe.calls import Call
from healthcare.probe.judging import Cell
from healthcare.probe.schema import Described
from healthcare.probe.world import World

ROLE = "display"
REFUSED = frozenset({401})


def cells(world: World, one: Described) -> Iterator[Cell]:
    a, b = world.houses
    own, secret = a.screen
    foreign, other_secret = b.screen
    revoked, old_secret = a.id_of("display", "deleted"), a.facts["secret:deleted"]
    done = frozenset({200}) if one.method == "GET" or one.op.body else frozenset({201})
    given = {  # which: id, Authorization, what is right, alike
        "own": (own, f"Display {secret}", done, ""),
        "own, secret of the other clinic's": (own, f"Display {other_secret}", REFUSED, "secret"),
        "own, secret of nobody": (own, "Display nothing-of-ours", REFUSED, "secret"),
        "own, no secret": (own, "", REFUSED, ""),
        "own, a person's token": (own, a.people["receptionist"].bearer("own"), REFUSED, ""),  # type: ignore[index]
        "foreign": (foreign, f"Display {secret}", REFUSED, "id"),
        "unknown": (str(new_id()), f"Display {secret}", REFUSED, "id"),
        "revoked": (revoked, f"Display {secret}", REFUSED, "id"),
        "revoked with its old secret": (revoked, f"Display {old_secret}", REFUSED, ""),
        "malformed": ("not-an-id", f"Display {secret}", frozenset({404}), ""),
    }
    for which, (display_id, shown, want, group) in given.items():
        yield _cell(world, one, which, display_id, shown, "", want, group)
    for which, header in {"own": a.clinic.slug, "foreign": b.clinic.slug}.items():
        yield _cell(world, one, f"header {which}", own, f"Display {secret}", header, done, "")


def _cell(
    world: World, one: Described, which: str, display_id: str, shown: str, header: str, want: frozenset[int], group: str
) -> Cell:
    path = one.path.replace("{display_id}", display_id)
    body: Any = _body(world, one) if one.method == "POST" else None
    call = Call(one.method, path, (), body, (("Authorization", shown), ("X-Clinic-ID", header)))
    is_own = want != REFUSED and want != frozenset({404})
    return Cell(
        operation=one.key,
        role=ROLE,
        place="header" if header else "path",
        which=which,
        token="display",
        calls=(call,),
        want=want,
        named="a",
        homes=frozenset("a") if is_own else frozenset(),
        sent=frozenset({display_id}),
        alike=group,
    )


def _body(world: World, one: Described) -> dict[str, Any]:
    return {name: world.a.facts[str(value)[1:]] for name, value in one.op.body.items()}
