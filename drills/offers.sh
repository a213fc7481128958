#!/usr/bin/env bash
# Does what is offered stay bookable over thousands of random calendars, and do the books stay right through hundreds of random days?
#   drills/offers.sh [calendars] [days]      (2000 and 100; about half an hour on two cores)
set -euo pipefail
cd "$(dirname "$0")/.."
export OFFERS_EXAMPLES="${1:-2000}" MACHINE_EXAMPLES="${2:-100}"
exec .venv/bin/python -m pytest -q --hypothesis-show-statistics appointments/tests/test_offers_properties.py appointments/tests/test_machine.py
