#!/usr/bin/env python3
"""Is there plain health data where it must not be? Canaries in every sealed column, traffic, then everything is read.

    python drills/canaries.py

Starts a product of its own on free ports. Fills every sealed column of every model (found by introspection) with a word or
a day of its own, made, changed and removed; what has no sample row is filled through the API and looked up in its
table. Plays people over HTTP (sign-up, charts, bookings, searches, an import, uploads) and provokes errors with canaries in
bodies, paths and queries; lets the jobs run. Then it looks for every canary, in plain, hexadecimal, base64 and UTF-16, in: the
data directory, WAL, `pg_dump` of all databases, Valkey (every key, and its files), logs of every process, bodies of errors.
Last it plants one canary in each of these places and looks again: what looks must find. Mails to people are not looked at:
they speak to the person. Exits 1 unless 0 were found, then all planted, and no sealed column was without a canary.
"""

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from drills.leaks.columns import fill_columns, sealed_columns
from drills.leaks.places import look, plant
from drills.leaks.traffic import Api, fail_in_the_database, play
from drills.leaks.words import Canaries
from healthcare.embedded.product import running_product

PROFILE = "canaries"


def settled() -> None:
    """Jobs of a booking are done within seconds."""
    time.sleep(20)


def main() -> int:
    canaries = Canaries()
    with running_product(PROFILE, env={"LIMITS_TIMES": "1000", "RATE_LIMIT_MAX": "1000000"}) as product:
        os.environ |= {**product.env, "DJANGO_SETTINGS_MODULE": "healthcare.settings"}
        import django

        django.setup()
        filled = fill_columns(canaries)
        api = Api(product.base_url)
        play(api, canaries, product.env.get("DEMO_PASSWORD", "demo-clinic-2026"))
        fail_in_the_database(canaries)
        settled()
        every = sealed_columns()
        bare = sorted(every - canaries.written)
        print(f"{len(canaries.words)} words, {filled} in rows")
        print(f"{len(every) - len(bare)} of {len(every)} sealed columns have a canary")
        for label in bare:
            print(f"  no canary: {label}")
        print("looked for in:")
        found = look(product, api, canaries)
        leaked = {where for some in found.values() for where in some}
        plant(product, api, canaries)
        print("with one planted in each place:")
        planted = look(product, api, canaries)
    missed = [
        place for place in ("postgresql", "pg_dump", "valkey", "logs", "files", "error bodies", "WAL") if not planted.get(place)
    ]
    print(f"{len(leaked)} plain canaries found; planted ones missed in: {missed or 'no place'}")
    return 0 if not leaked and not missed and not bare else 1


if __name__ == "__main__":
    sys.exit(main())
