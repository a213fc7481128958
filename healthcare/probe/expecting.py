"""Which status is right? What the operation's row and the role table say, asked in the order in which the product asks."""

from dataclasses import dataclass

from accounts.roles import PLATFORM_ROLES, Reach, Role, reach
from healthcare.core.needs import OPEN, SIGNED_IN
from healthcare.probe.operations import SECTIONS, Place
from healthcare.probe.people import BAD
from healthcare.probe.schema import Described

DONE = frozenset({200, 201, 202, 204, 409})  # a rule of the clinic may say no (409): that is after all walls
READ = frozenset({200})
ABSENT = frozenset({404})
# what an operation answers a caller whom every wall lets through, where that is not a success
BEYOND = {
    "POST /patients/{patient_id}/documents": frozenset({415}),  # a form with a file is asked for first
    "POST /patients/imports": frozenset({415}),
    "POST /auth/login": frozenset({401}),
    "POST /auth/invitations/accept": frozenset({401}),
    "POST /auth/request-otp": frozenset({202}),
    "POST /auth/verify-otp": frozenset({401}),
    "POST /auth/password/forgot": frozenset({202}),
    "POST /auth/password/reset": frozenset({401}),
    "POST /auth/password/change": frozenset({403}),
    "POST /auth/step-up": frozenset({401}),
    "POST /auth/mfa/totp/verify": frozenset({401}),
    "POST /clinics/{clinic_id}/payments/gateways/stripe": frozenset({400}),  # without a signature
}
# where a clinic that is closed is found by who sees all clinics
CLOSED_TOO = ("GET /clinics/{clinic_id}", "DELETE /clinics/{clinic_id}", "POST /clinics/{clinic_id}/reopen")
IDS = ("own", "sibling", "foreign", "deleted", "unknown", "malformed")
# what is found under its own one only
NESTED = {"queue": {"token"}, "appointment": {"payment", "instruction", "station"}, "payment": {"refund"}}
# what can be one's own or another's
PERSONAL = ("appointment", "patient", "notification", "wish", "course", "feed", "opening", "self")
ELSEWHERE = ("foreign", "deleted", "unknown")


@dataclass(frozen=True)
class Asked:
    """What a cell puts to the product, as far as it matters for the status."""

    role: Role
    token: str = "own"
    named: str = "a"  # a, b, none, gone (unknown, closed, malformed), conflict
    ids: str = "own"  # the state of the one id that is not the caller's own
    where: str = "path"  # … and where it stands: path, body, list, query, fact
    kind: str = ""  # of the thing it names


def homes(role: Role, token: str) -> frozenset[str]:
    """Clinics the caller belongs to."""
    if token in BAD:
        return frozenset()
    return frozenset("ab") if role in PLATFORM_ROLES else frozenset({"own": "a", "other": "b"}[token])


def right(one: Described, asked: Asked) -> frozenset[int]:
    op = one.op
    if asked.ids == "malformed" and asked.where == "path":
        return ABSENT
    if op.place == Place.NOWHERE:
        return READ
    if asked.token in BAD and (asked.token != "none" or op.need != OPEN):
        return frozenset({401})
    refused = _of_clinic(one, asked)
    if refused:
        return refused
    how_far = _reach(one, asked)
    if how_far is None:
        return frozenset({403})
    if op.need.startswith("glass."):  # whose chart it is, is no question here: that is what it is for
        return _of_ids(one, asked, Reach.ALL if asked.kind == "patient" else how_far)
    if (asked.kind, asked.where) == ("patient", "body") and reach("patient.view", frozenset({asked.role})) != Reach.ALL:
        how_far = Reach.OWN  # whose chart is named must be theirs to see, too
    return _of_ids(one, asked, how_far)


def _of_clinic(one: Described, asked: Asked) -> frozenset[int]:
    """The refusal for what was named as the clinic, if any."""
    place = one.op.place
    if asked.named == "conflict":
        return frozenset({400})
    if asked.named == "gone" and one.key in CLOSED_TOO and asked.where == "path" and asked.role in PLATFORM_ROLES:
        return _of_closed(one, asked)
    if asked.named == "gone":
        lenient = place == Place.DIRECTORY and one.op.need == OPEN and asked.where == "header"
        return frozenset({200, 404}) if lenient else ABSENT
    if asked.named == "none":
        return frozenset({400}) if place == Place.HEADER else frozenset()
    stranger = asked.named not in homes(asked.role, asked.token)
    return ABSENT if place in (Place.HEADER, Place.PATH) and stranger and not one.op.shows else frozenset()


def _of_closed(one: Described, asked: Asked) -> frozenset[int]:
    """The platform's staff is told of closed clinics; of what is none, that it is none."""
    if one.op.need != OPEN and reach(one.op.need, frozenset({asked.role})) is None:
        return frozenset({403})
    return ABSENT | (READ if one.method == "GET" else DONE)


def _reach(one: Described, asked: Asked) -> Reach | None:
    if one.op.need in (OPEN, SIGNED_IN):
        return Reach.ALL
    member = asked.named in homes(asked.role, asked.token)
    if not member and one.op.shows:
        return Reach.ALL
    roles = {asked.role} if member or asked.role in PLATFORM_ROLES else set()
    return reach(one.op.need, frozenset(roles))


def _of_ids(one: Described, asked: Asked, how_far: Reach) -> frozenset[int]:
    done = BEYOND.get(one.key, READ if one.method == "GET" else DONE)
    if asked.named == "none" and "invitation" in one.op.ids.values():
        return ABSENT  # it is the clinic's
    if one.key in BEYOND and asked.ids != "malformed":
        return done  # what is not right: whether there was such a challenge is not told
    if asked.ids == "sibling":
        # a token of another queue, a payment of another appointment, a grant of another person; an entry of another chart
        parts = one.op.ids.keys()
        stray = not NESTED.get(asked.kind, set()).isdisjoint(one.op.ids.values()) or {"patient_id", "row_id"} <= parts
        stray = stray or {"user_id", "grant_id"} <= parts
        named = asked.where == "body" and "patient_id" in one.op.ids and asked.kind in (*SECTIONS, "appointment")
        # … or the entry that the body names is of this chart, and the path's is another
        named |= (asked.where, asked.kind) == ("path", "patient") and not {"@visits", "@appointment"}.isdisjoint(
            str(value) for value in one.op.body.values()
        )
        stray = stray or named
        hidden = (how_far == Reach.OWN and asked.kind in PERSONAL) or asked.kind == "session"
        hidden |= (asked.kind, one.op.need) == ("opening", "glass.open")  # only who opened a chart closes it
        return ABSENT if stray or hidden else done
    if asked.ids == "malformed":
        return frozenset({400})
    if asked.ids in ELSEWHERE and (asked.kind, how_far) == ("self", Reach.OWN):
        return ABSENT
    if asked.ids in ELSEWHERE:
        return {"path": ABSENT, "body": frozenset({404, 409}), "list": frozenset({404, 409})}.get(asked.where, done)
    return done
