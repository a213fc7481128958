"""On which servers do tests run? On embedded ones of their own, started before Django reads its settings.

Each process of a shared run has its own, or they would empty each other's tables.
"""

import os
import secrets

from healthcare.embedded import start_services

BASE = os.environ.setdefault("HEALTHCARE_TEST_PROFILE", "test")
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
PROFILE = f"{BASE}-{WORKER}" if WORKER else BASE

os.environ.update(start_services(PROFILE))  # whatever the person's environment names: tests empty every table
os.environ["HEALTHCARE_ENV"] = "test"
os.environ["HEALTHCARE_PROFILE"] = PROFILE
os.environ.setdefault("SECRET_KEY", secrets.token_hex(32))
os.environ["MESSAGE_FILE_DIR"] = ""  # channels that are not set up are not there; a test that wants one sets it up
