"""What each kind of step is called, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

TITLES: Mapping[str, tuple[str, str]] = {
    "ordered": ("The payment was ordered", "收到支付请求"),
    "blocked": ("Risk said no", "风控拦截"),
    "refused": ("A limit or the balance said no", "因限额或余额被拒绝"),
    "challenged": ("The payer was asked for a proof", "要求付款人验证"),
    "in_review": ("Held for a person to look at", "转人工审核"),
    "sending": ("Sent to the network", "发往支付网络"),
    "awaiting": ("Waits for the payer at the network", "等待付款人在支付网络确认"),
    "unknown": ("The network did not say what became of it", "支付网络结果未知"),
    "succeeded": ("Paid", "支付成功"),
    "failed": ("The network did not do it", "支付失败"),
    "cancelled": ("Cancelled", "已取消"),
    "rejected": ("A reviewer said no", "审核拒绝"),
    "expired": ("Nobody answered in time", "超时关闭"),
    "refunded": ("The sum given back has changed", "已退金额变更"),
    "proof": ("The payer answered", "付款人提交验证"),
    "contradiction": ("The network contradicted itself", "支付网络前后说法不一"),
    "label": ("It was told what the payment turned out to be", "收到事后标签"),
    "challenge_opened": ("A challenge was opened", "发起验证"),
    "challenge_ended": ("The challenge ended", "验证结束"),
    "attempt_ended": ("An attempt ended without the money", "一次支付尝试未成"),
    "attempt": ("The attempt the payment stands on", "当前支付尝试"),
    "limits": ("The limits that bound it", "适用的限额"),
    "decided": ("Risk decided", "风控决策"),
    "case": ("Somebody worked on its case", "案件处理"),
    "held": ("The money was held", "资金预占"),
    "hold_ended": ("The hold ended", "预占结束"),
    "entry": ("Money moved", "记账"),
    "refund": ("A refund was asked for", "申请退款"),
    "refund_ended": ("The refund ended", "退款结束"),
    "stray": ("Money came too late and goes back", "迟到资金，原路退回"),
    "stray_ended": ("The late money's way ended", "迟到资金处理结束"),
    "event": ("Others were told", "对外事件"),
    "delivery": ("A delivery to a webhook", "通知推送"),
    "task": ("A task was opened", "新建任务"),
    "task_done": ("A task was done", "任务完成"),
    "leaf": ("Written into the evidence", "写入存证"),
}
