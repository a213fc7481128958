#!/usr/bin/env python3
"""Do our books and the gateway's agree though workers are killed and the gateway's answers get lost? Exits 1 if not.

    python drills/payments_kill.py [--orders 120] [--seed 1]

On services of its own (profile `payments-kill`), against a stub of Stripe that loses every sixth answer. Orders are placed,
paid, told of (twice, late, or not at all), given back in parts; two workers are killed at random all the while.
"""

import argparse
import random
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from drills.hands import Hands, begin, owed

JOBS = ("payment.open", "payment.note", "payment.refund", "payment.close")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    from appointments.payments.tests import stub as stubs

    with stubs.running() as stub:
        begin("payments-kill", STRIPE_API_URL=stub.url)
        from healthcare.core.tenancy import find_clinic, in_clinic

        with in_clinic(find_clinic("north")):
            return Drill(stub, given.orders, given.seed).run()


class Drill:
    def __init__(self, stub: Any, orders: int, seed: int) -> None:
        self.stub, self.orders, self.chance = stub, orders, random.Random(seed)
        self.faults: list[str] = []

    def run(self) -> int:
        from appointments.payments.tests import scene

        scene.account()
        began = time.monotonic()
        with Hands(JOBS, pause=(0.3, 1.2), seed=self.chance.randrange(1000)) as hands:
            time.sleep(3)
            self.place()
            self.pay_and_tell()
            self.give_back()
            kills = hands.kills
        self.look_once_more()
        self.judge()
        sums = f"received {self.sum_of('received')}, given back {self.returned()}"
        print(f"{self.orders} orders, {kills} kills in {time.monotonic() - began:.0f} s; {sums}; faults {len(self.faults)}")
        for fault in self.faults[:20]:
            print("FAULT", fault)
        return 1 if self.faults or kills == 0 else 0

    def place(self) -> None:
        from django.utils import timezone

        from appointments.payments.services.taking import ask_online
        from appointments.payments.tests import scene
        from healthcare.tests import make

        doctor = make.practitioner()
        for number in range(self.orders):
            self.stub.away = int(number % 6 == 5)
            ask_online(appointment=scene.visit(practitioner=doctor), by=scene.DESK, now=timezone.now())
        self.wait("payment.open")

    def pay_and_tell(self) -> None:
        from django.utils import timezone

        from appointments.payments.services.notes import note
        from appointments.payments.tests import stub as stubs

        for number, name in enumerate(list(self.stub.sessions)):
            if self.stub.sessions[name]["status"] == "open" and self.chance.random() < 0.8:
                self.stub.pay(name)
            told = stubs.event(f"evt_{number}", dict(self.stub.sessions[name]))
            for _ in range(self.chance.choice((0, 1, 1, 2))):
                body, signature = stubs.signed(told)
                note(provider="stripe", body=body, headers={"Stripe-Signature": signature}, now=timezone.now())
            self.stub.away = int(number % 6 == 5)
        self.wait("payment.note")

    def give_back(self) -> None:
        from django.utils import timezone

        from appointments.payments.models import Payment
        from appointments.payments.services.refunding import refund
        from appointments.payments.tests import scene
        from healthcare.core.errors import Refused

        for number, payment_id in enumerate(list(Payment.objects.filter(state="received").values_list("id", flat=True))):
            for _ in range(self.chance.choice((0, 1, 2, 3))):
                try:
                    amount = Decimal(self.chance.randint(1, 6000)) / 100
                    refund(payment_id=payment_id, why="goodwill", by=scene.DESK, now=timezone.now(), amount=amount)
                except Refused:
                    continue
            self.stub.away = int(number % 6 == 5)
        self.wait("payment.refund")

    def wait(self, name: str) -> None:
        ends = time.monotonic() + 300
        while owed((name,), also_later=True):
            if time.monotonic() > ends:
                self.faults.append(f"{name}: work is still owed after five minutes")
                return
            time.sleep(0.3)

    def look_once_more(self) -> None:
        """What a payment's own look (`payment.settle`) finds later, of orders the gateway never told about."""
        from django.utils import timezone

        from appointments.payments.models import Payment
        from appointments.payments.services.gateways import settle

        self.stub.away = 0
        for payment_id in Payment.objects.values_list("id", flat=True):
            settle(payment_id=payment_id, now=timezone.now())

    def judge(self) -> None:
        from appointments.payments.models import Payment, Receipt
        from appointments.payments.tests.scene import assert_the_books_are_true

        try:
            assert_the_books_are_true()
        except AssertionError as fault:
            self.faults.append(f"the books: {fault}")
        paid = {name for name, one in self.stub.sessions.items() if one["payment_status"] == "paid"}
        ours = set(Payment.objects.filter(state="received").values_list("provider_id", flat=True))
        if paid != ours:
            self.faults.append(f"{len(paid - ours)} paid and not received, {len(ours - paid)} received and not paid")
        if len(self.stub.sessions) != Payment.objects.count():
            self.faults.append(f"{len(self.stub.sessions)} orders at the gateway, {Payment.objects.count()} here")
        if self.returned() != self.sum_of_refunds():
            self.faults.append(f"given back at the gateway {self.returned()}, here {self.sum_of_refunds()}")
        if Receipt.objects.filter(payment__isnull=False).count() != len(ours):
            self.faults.append("not one receipt for each payment")

    def returned(self) -> Decimal:
        return sum((Decimal(one["amount"]) / 100 for one in self.stub.refunds.values()), Decimal(0))

    def sum_of_refunds(self) -> Decimal:
        from appointments.payments.models import Refund

        return sum(Refund.objects.filter(state="done").values_list("amount", flat=True), Decimal(0))

    def sum_of(self, state: str) -> Decimal:
        from appointments.payments.models import Payment

        return sum(Payment.objects.filter(state=state).values_list("amount", flat=True), Decimal(0))


if __name__ == "__main__":
    sys.exit(main())
