#!/usr/bin/env bash
# Is what is offered booked, and what is not refused with all that is true and nothing else, over thousands of random calendars?
# Do books, courses and waitlist stay right through hundreds of random days? Prints how many of each it tried.
#   drills/offers.sh [calendars] [days]      (2000 and 200; about a quarter of an hour on two cores)
set -euo pipefail
cd "$(dirname "$0")/.."
export OFFERS_EXAMPLES="${1:-2000}" MACHINE_EXAMPLES="${2:-200}"
exec .venv/bin/python -m pytest -q --hypothesis-show-statistics appointments/tests/test_offers_properties.py appointments/tests/test_machine.py
