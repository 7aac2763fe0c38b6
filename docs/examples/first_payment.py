"""A first payment with nothing but the standard library.

export ANFU_DEVELOPMENT=1   # a merchant without due diligence: never in production
anfu keys create --label first > key.json
anfu serve &
python docs/examples/first_payment.py http://127.0.0.1:8080 key.json
"""

import hashlib
import hmac
import json
import sys
import time
import urllib.error
import urllib.request
import uuid


def signing_key(secret: str) -> bytes:
    """HKDF-SHA256 (RFC 5869) of the secret, without salt, one block."""
    inner = hmac.digest(bytes(32), secret.encode(), "sha256")
    return hmac.digest(inner, b"anfu request signing v1" + b"\x01", "sha256")


def post(base: str, key: dict[str, str], path: str, body: object) -> dict[str, object]:
    """Send a signed write. Sent again with the same key and body, it changes nothing more."""
    content = json.dumps(body).encode()
    once = str(uuid.uuid4())
    now = int(time.time())
    head = f"anfu-request-v1 {now} {len('POST')} {len(path)} {len(once)} {len(content)}."
    text = f"{head}POST{path}{once}".encode() + content
    signature = hmac.new(signing_key(key["secret"]), text, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": once,
        "Anfu-Key": key["id"],
        "Anfu-Signature": f"t={now},v1={signature}",
    }
    request = urllib.request.Request(base + path, content, headers, method="POST")
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as problem:
        sys.exit(problem.read().decode())


def shop_and_payer(base: str, key: dict[str, str]) -> tuple[dict[str, object], dict[str, object]]:
    """A merchant, and a customer with 100 yuan."""
    shop = post(base, key, "/v1/merchants", {"name": "Corner Tea", "mcc": "5814"})
    person = {
        "name": "Ann Example",
        "phone": "13800138000",
        "document": {"type": "PASSPORT", "number": uuid.uuid4().hex[:12]},
        "account_class": 2,
    }
    payer = post(base, key, "/v1/customers", person)
    credit = {"party": payer["id"], "amount": 100_00, "currency": "CNY"}
    post(base, key, "/v1/deposits", credit)
    return shop, payer


def main() -> None:
    base = sys.argv[1]
    with open(sys.argv[2], encoding="utf-8") as file:
        key = json.load(file)
    shop, payer = shop_and_payer(base, key)
    order = {
        "payer": payer["id"],
        "payee": shop["id"],
        "amount": 12_50,
        "currency": "CNY",
        "method": {"type": "balance"},
        "factors": ["password", "sms_code"],
        "environment": {"device": "phone-1", "address": "203.0.113.7"},
    }
    print(json.dumps(post(base, key, "/v1/payments", order), indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
