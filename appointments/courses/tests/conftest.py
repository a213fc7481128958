"""Who sits at the desk's browser, where the pages about courses are tried?"""

from appointments.tests.conftest import browser

__all__ = ["browser"]
