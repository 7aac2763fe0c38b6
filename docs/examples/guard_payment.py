"""A decision in front of a payment function: nothing is paid that risk does not allow.

anfu keys create --label switch > key.json
anfu serve &
python docs/examples/guard_payment.py http://127.0.0.1:8080 key.json
"""

import json
import sys
import uuid

from anfu.client.call import Credentials
from anfu.client.guard import Stopped, guard
from anfu.client.sync import Client
from anfu.client.wishes import Behaviour, Label, Payment, Place

SMALL = 200_00
PHONE = Place(device="phone-1", address="203.0.113.7")


def main() -> None:
    with open(sys.argv[2], encoding="utf-8") as file:
        key = json.load(file)
    with Client(sys.argv[1], Credentials(key["id"], key["secret"])) as client:
        run = uuid.uuid4().hex[:8]

        def describe(order: str, payer: str, amount: int) -> Payment:
            """What the guard tells Anfu of the arguments of `pay`."""
            return Payment(event=f"{run}-{order}", payer=f"{run}-{payer}", payee="tea-shop",
                           amount=amount, currency="CNY", method="card", payee_kind="MERCHANT",
                           mcc="5814", environment=PHONE)  # fmt: skip

        # Should Anfu not answer in time, small payments are made all the same.
        @guard(client, describe, unanswered=lambda payment: payment.amount <= SMALL)
        def pay(order: str, _payer: str, amount: int) -> str:
            """Your switch: this is where the money moves."""
            return f"{order}: paid {amount / 100:.2f}"

        client.observe(
            Behaviour(event=f"{run}-login", kind="LOGIN", payer=f"{run}-ann", environment=PHONE)
        )
        for number in range(1, 10):
            try:
                print(pay(f"order-{number}", "ann", 12_50))
            except Stopped as stopped:
                decision = stopped.decision
                if decision is None or decision.id is None:
                    print(f"order-{number}: no answer")
                    continue
                reasons = client.decision(decision.id).reason_texts
                print(f"order-{number}: {decision.outcome}:", *(f"{r.en}." for r in reasons))
                # Weeks later somebody says what it was, and the next decision knows.
                client.label(Label(decision=decision.id, label="HONEST", source="call-centre"))


if __name__ == "__main__":
    main()
