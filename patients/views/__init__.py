"""How are charts read and written over REST? Split by noun; each action parses, calls one verb, answers."""

from patients.views.record import PatientViewSet

__all__ = ["PatientViewSet"]
