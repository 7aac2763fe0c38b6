"""A first checkout: a page where a payer pays. Needs nothing but the standard library.

anfu demo --keep                                    # prints an address and a key
python docs/examples/first_checkout.py http://127.0.0.1:PORT key_….sk_…
"""

import json
import sys
import uuid

from first_payment import post


def main() -> None:
    base, given = sys.argv[1:3]
    name, _, secret = given.partition(".")
    key = {"id": name, "secret": secret}
    shop = post(base, key, "/v1/merchants", {"name": "Corner Tea", "mcc": "5814"})
    person = {
        "name": "Ann Example",
        "phone": "13800138000",
        "document": {"type": "PASSPORT", "number": uuid.uuid4().hex[:12]},
        "account_class": 2,
    }
    payer = post(base, key, "/v1/customers", person)
    post(base, key, "/v1/deposits", {"party": payer["id"], "amount": 100_00, "currency": "CNY"})
    checkout = post(base, key, "/v1/checkouts", {
        "payee": shop["id"],
        "payer": payer["id"],
        "amount": 46_00,
        "currency": "CNY",
        "order": "T-1041",
        "lines": [
            {"name": "Oolong", "quantity": 2, "amount": 36_00},
            {"name": "Cake", "amount": 10_00},
        ],
        "methods": [
            {"type": "sandbox", "card": "tok_insufficient_funds", "label": "Bank ··0027"},
            {"type": "balance"},
        ],
    })  # fmt: skip
    # Where there is no gateway for texts, codes are in GET /v1/development/messages?to=<payer>.
    print(json.dumps({"open": checkout["url"], "payer": payer["id"], "checkout": checkout["id"]}))


if __name__ == "__main__":
    main()
