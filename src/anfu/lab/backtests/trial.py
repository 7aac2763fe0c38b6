"""The trial: a wish put to an engine on which a history is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from anfu.lab.backtests import tally
from anfu.lab.backtests.figures import Alarm, Figures, Span
from anfu.lab.backtests.interval import share_of
from anfu.lab.backtests.question import bits_of, names_of, question_of
from anfu.lab.backtests.tally import cell_of
from anfu.lab.backtests.wish import Wish, conditions_of
from anfu.lab.engines.port import Offline, Staged
from anfu.lab.history.opened import HISTORY, TOLD
from anfu.lab.windows.atom import tracks_of
from anfu.lab.windows.statement import Asked, features_sql, inverted_sql
from anfu.payments.document import rfc3339
from anfu.risk.event import moment
from anfu.risk.facts import Type
from anfu.risk.features import Catalogue

WORST = 20
_SQL_TYPES = {
    Type.INTEGER: "BIGINT",
    Type.DOUBLE: "DOUBLE",
    Type.TEXT: "VARCHAR",
    Type.BOOLEAN: "BOOLEAN",
}
# What the question reads besides the facts the rules do.
_READ = {"event": Type.TEXT, "kind": Type.TEXT, "at": Type.INTEGER, "amount": Type.INTEGER,
         "payer": Type.TEXT, "payee": Type.TEXT, "outcome": Type.TEXT, "state": Type.TEXT,
         "refunded": Type.INTEGER}  # fmt: skip


def trial(engine: Offline, catalogue: Catalogue, wish: Wish) -> Figures:
    """The figures. On `engine` are the tables `history` and `labels`; a feature that `history` does
    not have is computed from its events.

    Raises Refused as `conditions_of` does, OutsideFailure as the engine does.
    """
    tested, live = conditions_of(catalogue, wish.tested), conditions_of(catalogue, wish.live)
    names = names_of(wish.tested, tested) | names_of(wish.live, live)
    unknown = prepare(engine, catalogue, names)
    question = question_of(wish, tested, live, alarms=WORST)
    cells = [cell_of(row) for row in engine.rows(question.cells)]
    days = [cell for cell in cells if cell.day is not None]
    masks = [cell for cell in cells if cell.day is None]
    rules = wish.tested.rules
    acted = [cell for cell in masks if cell.acted]
    everything = tally.ended(masks)
    return Figures(
        span=_span(wish, len({cell.day for cell in days}), masks, unknown),
        whole=wish.whole,
        tested=wish.tested.version,
        live=wish.live.version,
        everything=everything,
        acted=tally.ended(acted),
        alert_rate=share_of(tally.total(acted).count, everything.all.count),
        alert_rate_value=_part(tally.total(acted).value, everything.all.value),
        judged=tally.judged(masks),
        change=tally.change(masks, whole=wish.whole),
        rules=tally.by_rule(masks, rules),
        typologies=tally.by_typology(masks, rules),
        overlap=tally.overlaps(masks, wish.live.rules, first=len(rules)),
        turns=tally.turns(masks) if wish.whole else [],
        days=tally.by_day(days),
        worst=[_alarm(row, wish) for row in engine.rows(question.alarms)],
    )


def prepare(engine: Offline, catalogue: Catalogue, names: frozenset[str]) -> list[str]:
    """Makes the table `tried`: the history with every fact of `names`. Gives the facts that cannot
    be had from it: inputs it lacks, and findings, which nobody computes again."""
    there = engine.columns(HISTORY)
    types = {fact.name: fact.type for fact in catalogue.facts} | _READ
    wanted = {name: types[name] for name in sorted(names | set(_READ))}
    features = [f for f in catalogue.features if f.name in names and f.name not in there]
    unknown = [n for n in wanted if n not in there and n not in {f.name for f in features}]
    known = [f'h."{name}"' for name in wanted if name in there]
    known += [f'CAST(NULL AS {_SQL_TYPES[wanted[name]]}) AS "{name}"' for name in unknown]
    if not features:
        engine.view("tried", f"SELECT {', '.join(known)} FROM {HISTORY} AS h")
        return sorted(set(unknown) & names)
    engine.keep("computed", _computed(engine, catalogue, features, there))
    known += [f'c."{feature.name}"' for feature in features]
    engine.view(
        "tried", f"SELECT {', '.join(known)} FROM {HISTORY} AS h JOIN computed AS c USING (seq)"
    )
    return sorted(set(unknown) & names)


def _computed(
    engine: Offline, catalogue: Catalogue, features: Sequence[Any], there: Mapping[str, str]
) -> Staged:
    columns = [
        f'"{i.name}"' if i.name in there else f'CAST(NULL AS {_SQL_TYPES[i.type]}) AS "{i.name}"'
        for i in catalogue.inputs
    ]
    engine.view("events", f"SELECT seq, {', '.join(columns)} FROM {HISTORY}")
    tracks = [track for feature in features for track in tracks_of(feature)]
    late = bool(tracks) and bool(engine.rows(inverted_sql("events", tracks))[0][0])
    asked = Asked(features, ("seq",), late)
    return features_sql(catalogue, asked, events="events", labels=TOLD)


def _alarm(row: Sequence[Any], wish: Wish) -> Alarm:
    event, at, payer, payee, amount, outcome, state, *words = row
    mask = bits_of(words)
    held = [rule.id for i, rule in enumerate(wish.tested.rules) if mask >> i & 1]
    return Alarm(event, rfc3339(moment(at)), payer, payee, amount, outcome, state, held)


def _span(wish: Wish, days: int, cells: Sequence[tally.Cell], unknown: list[str]) -> Span:
    return Span(
        start=rfc3339(wish.start),
        end=rfc3339(wish.end),
        cutoff=rfc3339(wish.cutoff),
        label_delay_days=wish.label_delay.total_seconds() / 86_400,
        days=days,
        open=tally.total(cells, lambda c: c.truth == "OPEN"),
        unknown=unknown,
    )


def _part(value: int, of: int) -> float | None:
    return value / of if of else None
