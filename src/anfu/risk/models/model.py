"""A model: ONNX bytes, and the declaration of what goes in, what comes out and what it means."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from itertools import pairwise
from math import isfinite
from typing import Any

import msgspec

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import Refused
from anfu.risk.condition import suggestion
from anfu.risk.facts import Fact, Type

COLUMNS_MAX = 512
SIZE_MAX = 12 << 20
# Of processor time for a row; a decision has about a thousand in all.
ROW_US_MAX = 200
_CODES_MAX = 256
_KNOTS_MAX = 1_024
_NAME = re.compile(r"[a-z][a-z0-9_]{1,63}")
_OUTPUT = re.compile(r"[!-~]{1,128}")
# What names one payment or moment teaches a model nothing; what models, lists and lateness said is
# not there yet when a model is asked.
REFUSED_FACTS = frozenset({"event", "at", "model_score", "model_grade", "anomaly_score",
                           "device_standing", "device_bound", "device_signals", "list_hits",
                           "degraded"})  # fmt: skip


class Role(StrEnum):
    """FRAUD gives the probability of fraud; ANOMALY how unlike others a payment is."""

    FRAUD = "FRAUD"
    ANOMALY = "ANOMALY"


class State(StrEnum):
    """A CHALLENGER is asked of every payment and never acts; of CHAMPIONs there is one a role."""

    CANDIDATE = "CANDIDATE"
    CHALLENGER = "CHALLENGER"
    CHAMPION = "CHAMPION"
    RETIRED = "RETIRED"


MOVES: Mapping[State, frozenset[State]] = {
    State.CANDIDATE: frozenset({State.CHALLENGER, State.CHAMPION, State.RETIRED}),
    State.CHALLENGER: frozenset({State.CHAMPION, State.RETIRED}),
    State.CHAMPION: frozenset({State.CHALLENGER, State.RETIRED}),
    State.RETIRED: frozenset({State.CHALLENGER}),
}
IN_USE = frozenset({State.CHALLENGER, State.CHAMPION})


class Scale(StrEnum):
    """How what the model gives becomes a probability (ANOMALY: a score from 0 to 1).

    NONE: as it is. LOGIT: a sigmoid over its log-odds (Platt 1999, applied to log-odds). KNOTS:
    straight lines between points, level beyond them: isotonic regression, or a distribution.
    """

    NONE = "NONE"
    LOGIT = "LOGIT"
    KNOTS = "KNOTS"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the matrix: the value of `fact` as a 32-bit float.

    NULL goes in as `null`, or as not-a-number where that is None. A TEXT fact needs `codes`; a
    text not among them goes in as NULL does. `typical` is the value of an ordinary honest payment
    (None: NULL), which explanations compare with.
    """

    fact: str
    null: float | None = None
    codes: Mapping[str, float] = field(default_factory=dict)
    typical: float | None = None


@dataclass(frozen=True, slots=True)
class Calibration:
    """`scale` and its numbers: LOGIT `x` slope and `y` intercept, one each; KNOTS the points."""

    scale: Scale = Scale.NONE
    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """The probability from which on a payment's `model_grade` is 1, 2 and 3; above 1: never."""

    middle: float
    general: float
    high: float


@dataclass(frozen=True, slots=True)
class Declaration:
    """`name`: the line of models this one belongs to. `output`: the name of the ONNX output that is
    read, a float tensor of (rows), (rows, 1) or (rows, 2); of two columns the second. `onnx`: the
    SHA-256 of the bytes in hexadecimal. ANOMALY models have no `cutoffs`."""

    name: str
    role: Role
    columns: tuple[Column, ...]
    output: str
    onnx: str
    calibration: Calibration = Calibration()
    cutoffs: Cutoffs | None = None

    @property
    def body(self) -> bytes:
        """Canonical bytes, whose hash is the model's id."""
        return canonical_bytes({"v": _VERSION, **asdict(self)})

    @property
    def id(self) -> str:
        """`mdl_` and the start of the hash of the body: same content, same model."""
        return f"mdl_{sha256(self.body).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class Model:
    """A model of the registry; its bytes are read on their own. `author` and `by` are ids of API
    keys, or of the command line; `by` moved it into its `state` at `since`."""

    declaration: Declaration
    state: State
    size: int
    author: str
    created_at: datetime
    by: str
    since: datetime

    @property
    def id(self) -> str:
        return self.declaration.id


_VERSION = 1


def read_declaration(body: bytes, *, onnx: bytes | None = None) -> Declaration:
    """The declaration a JSON document holds; where `onnx` is given its hash is filled in.

    Raises Refused: declaration_unreadable, and as `check_declaration`.
    """
    try:
        document = json.loads(body)
        document.pop("v", None)
        if onnx is not None:
            document["onnx"] = sha256(onnx).hexdigest()
        declaration = msgspec.convert(document, Declaration)
        _check_names(document, msgspec.to_builtins(declaration))
    except (ValueError, AttributeError, TypeError, RecursionError, msgspec.MsgspecError) as error:
        raise Refused(
            "declaration_unreadable", field="declaration", problem=str(error)[:200]
        ) from None
    check_declaration(declaration)
    return declaration


def _check_names(given: Any, read: Any) -> None:
    """A name that is not read is a typing mistake, or a try. Raises ValueError."""
    if isinstance(given, dict) and isinstance(read, dict):
        if strays := given.keys() - read.keys():
            raise ValueError(f"no such field: {min(strays)}")
        for name, value in given.items():
            _check_names(value, read[name])
    elif isinstance(given, list) and isinstance(read, (list, tuple)):
        for one, other in zip(given, read, strict=True):
            _check_names(one, other)


def check_declaration(declaration: Declaration) -> None:
    """Raises Refused: model_name_invalid, model_columns_invalid, model_output_invalid,
    model_calibration_invalid, model_cutoffs_invalid."""
    if not _NAME.fullmatch(declaration.name):
        raise Refused("model_name_invalid", field="declaration.name")
    if not _OUTPUT.fullmatch(declaration.output):
        raise Refused("model_output_invalid", field="declaration.output", problem="no such name")
    names = [column.fact for column in declaration.columns]
    if not 0 < len(names) <= COLUMNS_MAX or len(set(names)) < len(names):
        raise Refused("model_columns_invalid", field="declaration.columns", most=COLUMNS_MAX)
    for column in declaration.columns:
        numbers = [*column.codes.values(), column.null, column.typical]
        if len(column.codes) > _CODES_MAX or not _finite(numbers):
            raise Refused("model_columns_invalid", field="declaration.columns", most=COLUMNS_MAX)
    _check_calibration(declaration.calibration)
    _check_cutoffs(declaration)


def check_columns(declaration: Declaration, facts: Sequence[Fact]) -> None:
    """Whether `facts` hold what the model asks for.

    Raises Refused: model_input_unknown (with the nearest name), model_input_refused (a name, a
    moment, or what is not known yet), model_input_codes (a text without codes, or the reverse).
    """
    known = {fact.name: fact for fact in facts}
    for column in declaration.columns:
        fact = known.get(column.fact)
        if column.fact in REFUSED_FACTS:
            raise Refused("model_input_refused", field="declaration.columns", name=column.fact)
        if fact is None:
            nearest = suggestion(column.fact, list(known))
            raise Refused("model_input_unknown", field="declaration.columns", name=column.fact,
                          nearest=nearest)  # fmt: skip
        if (fact.type is Type.TEXT) != bool(column.codes):
            raise Refused("model_input_codes", field="declaration.columns", name=column.fact)


def _check_calibration(calibration: Calibration) -> None:
    x, y = calibration.x, calibration.y
    good = _finite([*x, *y]) and len(x) == len(y)
    if calibration.scale is Scale.NONE:
        good = good and not x
    elif calibration.scale is Scale.LOGIT:
        good = good and len(x) == 1 and x[0] > 0
    else:
        rising = all(a < b for a, b in pairwise(x))
        ordered = all(a <= b for a, b in pairwise(y))
        good = good and 2 <= len(x) <= _KNOTS_MAX and rising and ordered
        good = good and 0 <= y[0] <= y[-1] <= 1
    if not good:
        raise Refused("model_calibration_invalid", field="declaration.calibration")


def _check_cutoffs(declaration: Declaration) -> None:
    cutoffs = declaration.cutoffs
    if (cutoffs is None) != (declaration.role is Role.ANOMALY):
        raise Refused("model_cutoffs_invalid", field="declaration.cutoffs")
    if cutoffs is not None and not (
        0 < cutoffs.middle <= cutoffs.general <= cutoffs.high and isfinite(cutoffs.high)
    ):
        raise Refused("model_cutoffs_invalid", field="declaration.cutoffs")


def _finite(numbers: Sequence[float | None]) -> bool:
    return all(number is None or isfinite(number) for number in numbers)


def model_leaf(model: Model) -> dict[str, Any]:
    """What the evidence keeps of a model."""
    return {
        "name": model.declaration.name,
        "role": model.declaration.role,
        "declaration": sha256(model.declaration.body).hexdigest(),
        "onnx": model.declaration.onnx,
        "state": model.state,
        "by": model.by,
    }
