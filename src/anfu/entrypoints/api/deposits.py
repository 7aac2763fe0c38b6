"""Deposits: credit a balance with money that reached the reserve account."""

from __future__ import annotations

from anfu.entrypoints.api.documents import BARRED, DepositDocument, DepositForm
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.payments import check_currency
from anfu.payments.deposit import DepositOrder, deposit
from anfu.storage.idempotency import Answer


async def create(call: Call) -> Answer:
    """Credit a balance. Only the institution may."""
    form: DepositForm = call.body
    check_currency(form.currency)
    order = DepositOrder(call.once, form.party, form.amount, form.currency)
    return await deposit(call.desk.tools, order, now=call.now)


OPERATIONS = (
    Operation("create_deposit", "POST", "/v1/deposits", "Credit a balance.", create,
              scope="deposits:write", body=DepositForm, answer=DepositDocument, status=201,
              once=True, institution=True,
              refusals=("party_not_found", *BARRED, "currency_unknown",
                        "currency_not_supported", "account_closed"),
              example={"party": "cus_01kaw000000000000000000000", "amount": 100000,
                       "currency": "CNY"}),
)  # fmt: skip
