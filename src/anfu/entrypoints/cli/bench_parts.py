"""What `anfu bench decisions` decides with: a hundred rules, and a model of three hundred trees."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import numpy as np

from anfu.risk.facts import Facts, Type
from anfu.risk.features import Catalogue
from anfu.risk.models.model import Column, Cutoffs, Declaration, Role
from anfu.risk.models.serving import Force, Scorer, Serving
from anfu.risk.rules import Grade, Rule, RuleSet, default_rule_set, make_rule_set

TREES = 300
RULES = 100


def rules(catalogue: Catalogue) -> RuleSet:
    """The rules Anfu ships, and as many more, each with two or three comparisons of the figures of
    the catalogue in turn, as makes a hundred. The others hardly ever fire."""
    shipped = default_rule_set()
    numbers = [f for f in catalogue.features if f.fact.type is not Type.TEXT]
    made = list(shipped.rules)
    for i in range(RULES - len(made)):
        one, two = numbers[i % len(numbers)], numbers[(7 * i + 3) % len(numbers)]
        condition = f"{one.name} > {10 ** (4 + i % 5)} AND amount >= {1_000 * (i + 1)}"
        if i % 2:
            condition += f" AND ({two.name} < 100 OR hour BETWEEN 1 AND 5)"
        made.append(
            Rule(f"bench_{i}", condition, Grade.LOW, 1, "BENCH", "a rule of the bench", "测试规则")
        )
    return make_rule_set(made, shipped.thresholds, shipped.outcomes)


def models(catalogue: Catalogue, rows: Sequence[Facts], frauds: Sequence[bool]) -> Serving:
    """The champion: boosted trees over every figure, trained on these facts, served as ONNX."""
    import lightgbm  # noqa: PLC0415 - of the extra `lab`; nothing else of the commands needs it
    from onnxmltools import convert_lightgbm  # noqa: PLC0415
    from onnxmltools.convert.common.data_types import FloatTensorType  # noqa: PLC0415

    names = [f.name for f in catalogue.features if f.fact.type is not Type.TEXT]
    start = len(catalogue.inputs)
    matrix = np.array([row[start : start + len(names)] for row in rows], np.float32)
    trained = lightgbm.LGBMClassifier(
        n_estimators=TREES, num_leaves=15, learning_rate=0.05, n_jobs=1, random_state=1,
        deterministic=True, force_row_wise=True, verbose=-1,
    ).fit(matrix, np.array(frauds, np.int64))  # fmt: skip
    given = [("x", FloatTensorType([None, len(names)]))]
    made = convert_lightgbm(trained, initial_types=given, zipmap=False, target_opset=15)
    onnx = made.SerializeToString()
    columns = tuple(Column(name) for name in names)
    cutoffs, digest = Cutoffs(0.5, 0.8, 0.95), sha256(onnx).hexdigest()
    declaration = Declaration(
        "bench", Role.FRAUD, columns, "probabilities", digest, cutoffs=cutoffs
    )
    serving = Serving(catalogue)
    facts = catalogue.facts[: catalogue.learned]
    serving.use(Force(champion=Scorer(declaration, onnx, facts)))
    return serving
