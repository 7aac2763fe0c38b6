"""A first checkout: a page where a payer pays. Needs nothing but the standard library.

anfu demo --keep                                    # prints an address and a key
python docs/examples/first_checkout.py http://127.0.0.1:PORT key_….sk_…
"""

import json
import sys

from first_payment import post, shop_and_payer


def main() -> None:
    base, given = sys.argv[1:3]
    name, _, secret = given.partition(".")
    key = {"id": name, "secret": secret}
    shop, payer = shop_and_payer(base, key)
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
