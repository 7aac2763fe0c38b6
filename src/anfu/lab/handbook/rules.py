"""The rules the stream is decided by: what the model says, and what needs no model."""

from __future__ import annotations

from anfu.risk.rules import Grade, Rule, RuleSet, Thresholds, make_rule_set


def _rule(name: str, condition: str, grade: Grade, points: int, texts: tuple[str, str]) -> Rule:
    return Rule(name, condition, grade, points, name.upper(), *texts)


RULES: RuleSet = make_rule_set(
    [
        _rule("model_high", "model_grade = 3", Grade.HIGH, 700,
              ("The model is nearly certain of fraud.", "模型判定极可能为欺诈。")),
        _rule("model_general", "model_grade = 2", Grade.GENERAL, 500,
              ("The model finds fraud likely.", "模型判定可能为欺诈。")),
        _rule("model_middle", "model_grade = 1", Grade.MIDDLE, 300,
              ("The model has its doubts.", "模型存在疑虑。")),
        _rule("amount_beyond", "amount > 22000", Grade.GENERAL, 500,
              ("The amount is beyond what is sold here.", "金额超出正常销售范围。")),
        _rule("terminal_compromised", "terminal_known_21d >= 3 AND terminal_share_21d >= 0.9",
              Grade.GENERAL, 500,
              ("Nearly all known payments at this terminal were fraud.",
               "该终端已知支付几乎均为欺诈。")),
        _rule("far_above_habit", "payer_usual_count_60d >= 10 AND payer_usual_ratio_60d > 4",
              Grade.MIDDLE, 300,
              ("The amount is far above the payer's habit.", "金额远超付款人习惯。")),
        _rule("many_in_a_day", "payer_count_1d > 20 AND payer_count_30d < 90", Grade.LOW, 100,
              ("Many payments in one day.", "一天内支付笔数过多。")),
        _rule("model_missing", "degraded IS NOT NULL AND amount > 10000", Grade.MIDDLE, 300,
              ("The model gave no answer in time.", "模型未及时给出结果。")),
    ],
    Thresholds(300, 500, 700),
)  # fmt: skip
