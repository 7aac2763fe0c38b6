"""Names of objects of every kind that are not there."""

from __future__ import annotations

from anfu.entrypoints.api.operation import Operation

NOBODY = {
    "session": "dss_01kaw000000000000000000000", "device": "dev_01kaw000000000000000000000",
    "firm": "frm_01kaw000000000000000000000", "ownership": "own_01kaw000000000000000000000",
    "onboarding": "onb_01kaw000000000000000000000", "mandate": "mdt_01kaw000000000000000000000",
    "factor": "fac_01kaw000000000000000000000", "multiplier": "mul_01kaw000000000000000000000",
    "payment": "pay_01kaw000000000000000000000", "refund": "rfd_01kaw000000000000000000000",
    "customer": "cus_01kaw000000000000000000000", "merchant": "mer_01kaw000000000000000000000",
    "party": "mer_01kaw000000000000000000000", "currency": "CNY", "account": "nobody:balance:CNY",
    "decision": "dec_01kaw000000000000000000000", "event": "evt_01kaw000000000000000000000",
    "endpoint": "whe_01kaw000000000000000000000", "delivery": "dlv_01kaw000000000000000000000",
    "subject": "pay_01kaw000000000000000000000", "proposal": "prp_01kaw000000000000000000000",
    "backtest": "bkt_01kaw000000000000000000000", "case": "cas_01kaw000000000000000000000",
    "model": "mdl_0123456789abcdef", "rule": "no_such_rule", "version": "0123456789abcdef",
    "staff": "stf_01kaw000000000000000000000", "key": "key_01kaw000000000000000000000",
    "erasure": "ers_01kaw000000000000000000000", "same_day": "sdc_01kaw000000000000000000000",
    "application": "app_01kaw000000000000000000000",
    "attachment": "att_01kaw000000000000000000000", "task": "tsk_01kaw000000000000000000000",
    "bill": "bil_01kaw000000000000000000000", "item": "rci_01kaw000000000000000000000",
    "treatment": "trt_01kaw000000000000000000000",
    "terms": "trm_01kaw000000000000000000000", "settlement": "stl_01kaw000000000000000000000",
    "payout": "pyo_01kaw000000000000000000000", "batch": "pyb_01kaw000000000000000000000",
    "period": "2026-11", "request": "req_01kaw000000000000000000000",
    "checkout": "chk_01kaw000000000000000000000", "showing": "shw_01kaw000000000000000000000",
    "other": "fedcba9876543210", "list": "no_such_list", "kind": "payer", "id": "nobody",
}  # fmt: skip


def path_of(operation: Operation, names: dict[str, str]) -> str:
    return operation.path.format(**names)
