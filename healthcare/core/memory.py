"""What does a long-lived process look through for garbage? What came since it started, not the whole program again and again.

Python's collector visits every object that lives whenever enough new ones have survived: 100 ms for code, models and routes,
in the middle of somebody's request (each third list of 2,000 free times). They stay till the end, so they are set aside.
"""

import gc

from django.urls import get_resolver

# so many new objects, and the youngest are looked at (Python's own: 700): a long list is made in one go
YOUNG = 5_000


def settle() -> None:
    """To be called once, when all code is there: loads the routes with their views, and sets aside what is now alive."""
    assert get_resolver().url_patterns, "a product without routes"
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
