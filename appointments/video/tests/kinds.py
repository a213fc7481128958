"""A kind that is by video, for the tests of this app."""

from appointments.plugins.base import Kind

TELE = Kind(code="tele", name="By video", by_video=True)
