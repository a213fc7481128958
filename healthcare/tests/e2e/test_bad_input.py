"""Does every route of the schema answer whatever is thrown at it as the schema says, and never with a 5xx?

The schema itself makes the input (schemathesis, all checks), as people of three roles. Ids that exist are mixed in, so that
the good paths are reached too: what share of the operations answered 2xx at least once is asserted.
"""

from collections import Counter, defaultdict
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings

from healthcare.tests.e2e.people import Person, free_soon, newcomer, staff

pytestmark = pytest.mark.e2e
EXAMPLES = 12
