"""Whose request it is: the made-up network's check of the member's signature.

A request counts when its certId is the member's certificate, its signature that key's and its merId
the member's.
"""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from anfu.channels.unionpay.messages import Fields, read_form
from anfu.channels.unionpay.signing import signed_bytes
from anfu.channels.unionpay.simulator.keys import MERCHANT, NetworkKeys
from anfu.kernel.errors import Refused


def verified(keys: NetworkKeys, body: bytes) -> Fields | None:
    """The fields of a request of the member, None for any other."""
    key = keys.member.public_key()
    assert isinstance(key, RSAPublicKey)
    try:
        fields = read_form(body)
        signature = base64.b64decode(fields.get("signature", ""), validate=True)
        key.verify(signature, signed_bytes(fields), PKCS1v15(), SHA256())
    except (Refused, InvalidSignature, binascii.Error):
        return None
    ours = (fields.get("merId"), fields.get("certId"))
    return fields if ours == (MERCHANT, str(keys.member.serial_number)) else None
