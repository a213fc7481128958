"""What lets a person into a room of the video server? A JSON Web Token as Jitsi reads it, for minutes.

Claims: https://github.com/jitsi/lib-jitsi-meet/blob/master/doc/tokens.md. The token goes through the patient's browser to the
video server, so it names nobody but the practitioner, as on the door; people are told apart by a digest for this room only.
"""

import datetime as dt
import hmac
from urllib.parse import urlsplit
from uuid import UUID

import jwt
from django.conf import settings

from healthcare.core.errors import Refused

LEEWAY = dt.timedelta(seconds=30)  # clocks of two servers
FEATURES = {"recording": False, "livestreaming": False, "transcription": False, "outbound-call": False, "file-upload": False}


class NoVideo(Refused):
    code = "no_video"
    detail = "No video server is set up here."


def token(*, room: str, user_id: UUID, name: str, is_host: bool, now: dt.datetime, until: dt.datetime) -> str:
    """For one person and one room, good from now until `until`. Raises NoVideo."""
    if not settings.VIDEO["key"]:
        raise NoVideo
    person = hmac.new(settings.SECRET_KEY.encode(), f"{room}|{user_id}".encode(), "sha256").hexdigest()[:32]
    user = {"id": person, "name": name, "moderator": is_host, "affiliation": "owner" if is_host else "member"}
    claims = {
        "iss": settings.VIDEO["app_id"],
        "aud": settings.VIDEO["audience"],
        "sub": urlsplit(settings.VIDEO["url"]).hostname,
        "room": room,
        "iat": now,
        "nbf": now - LEEWAY,
        "exp": until,
        "moderator": is_host,
        "context": {"user": user, "features": FEATURES},
    }
    headers = {"kid": settings.VIDEO["key_id"]} if settings.VIDEO["key_id"] else None
    return jwt.encode(claims, settings.VIDEO["key"], algorithm=settings.VIDEO["algorithm"], headers=headers)


def address(room: str) -> str:
    """Where the room is. The token is given beside it, never in it: addresses are logged by everything on the way."""
    return f"{settings.VIDEO['url'].rstrip('/')}/{room}"
