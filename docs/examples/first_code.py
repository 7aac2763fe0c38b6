"""A first payment by a payer's code: a customer shows it, a till scans it.

anfu demo --keep                                    # prints an address and a key
python docs/examples/first_code.py http://127.0.0.1:PORT key_….sk_…
"""

import json
import sys

from first_payment import post, shop_and_payer


def main() -> None:
    base, given = sys.argv[1:3]
    name, _, secret = given.partition(".")
    key = {"id": name, "secret": secret}
    shop, payer = shop_and_payer(base, key)
    # The institution's app, when its customer has given the password.
    shown = {"customer": payer["id"], "method": {"type": "balance"}, "factors": ["password"]}
    showing = post(base, key, "/v1/showings", shown)
    code = post(base, key, f"/v1/showings/{showing['id']}/code", None)["code"]
    # The till, when it has scanned the code; it has a key of its own.
    payment = post(base, key, "/v1/payments", {
        "payee": shop["id"],
        "amount": 12_50,
        "currency": "CNY",
        "method": {"type": "payer_code", "scene": "PAYER_CODE", "payer_code": code},
    })  # fmt: skip
    print(json.dumps({"open": showing["url"], "payment": payment["id"], "state": payment["state"]}))


if __name__ == "__main__":
    main()
