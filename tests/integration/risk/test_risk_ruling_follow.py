"""Every process decides by the set in force soon after it came there, and by no other."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from anfu.app.installation import _engine
from anfu.kernel.errors import Refused
from anfu.kernel.ids import SeededEntropy, new_id
from anfu.parties.keyring import KeyRing
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.decision import make_judge
from anfu.risk.engine import Engine, NoLists, ProfilesLate
from anfu.risk.event import Event
from anfu.risk.facts import Facts
from anfu.risk.features import make_catalogue
from anfu.risk.lists.matching import Book
from anfu.risk.operations import publish, record
from anfu.risk.profiles import Profiles
from anfu.risk.proposals import operations as proposals
from anfu.risk.proposals.proposal import Proposal, State, Subject
from anfu.risk.queries import get_rule_set, replay
from anfu.risk.rules import Grade, Outcome, Rule, RuleSet, default_rule_set, make_rule_set
from anfu.risk.ruling import operations
from anfu.risk.ruling.change import difference
from anfu.risk.ruling.follow import follow
from anfu.risk.ruling.queries import get_step
from anfu.storage.database import Database

NOW = datetime(2026, 11, 28, tzinfo=UTC)
SHIPPED = default_rule_set()
SEVEN = Rule("seven", "amount = 7", Grade.GENERAL, 9, "SEVEN", "e", "中")


def event(amount: int = 7) -> Event:
    return Event(f"pay_{amount}", "cus_1", "mer_1", amount, "CNY", "balance", None, NOW)


def engine(lists: NoLists | None = None) -> Engine:
    return Engine(CATALOGUE, SHIPPED, Profiles(CATALOGUE), lists=lists)


async def in_force(database: Database, rules: list[Rule], number: int = 1) -> RuleSet:
    """These rules beside the shipped ones, by an approved proposal."""
    after = make_rule_set([*SHIPPED.rules, *rules], SHIPPED.thresholds)
    async with database.transaction() as tx:
        await publish(tx, catalogue=CATALOGUE, rule_set=SHIPPED)
        await operations.begin(tx, rule_set=SHIPPED, now=NOW)
        before = await get_rule_set(tx, (await get_step(tx)).rule_set)
        change = difference(before, after, why="", exact=True)
        made = Proposal(f"prp_{number}", Subject.RULES, "x", change.body, "key_a", NOW)
        await proposals.propose(tx, proposal=made)
        decided = await proposals.decide(
            tx, proposal=made.id, state=State.APPROVED, by="key_b", now=NOW
        )
        await operations.put_in_force(tx, proposal=decided, catalogue=CATALOGUE, now=NOW)
    return after


async def test_every_engine_follows_and_a_new_process_begins_with_it(
    database: Database, entropy: SeededEntropy
) -> None:
    engines = [engine() for _ in range(3)]
    after = await in_force(database, [SEVEN])
    assert await asyncio.gather(*(follow(database, one) for one in engines)) == [1, 1, 1]
    assert await asyncio.gather(*(follow(database, one) for one in engines)) == [0, 0, 0]
    book = Book(KeyRing.generate(entropy).blind_index)
    for one in (*engines, await _engine(database, book, None)):
        (decision,) = await one.decide([event()], ["dec_1"])
        assert one.base.version == after.version
        assert (decision.rule_set, decision.outcome) == (one.rule_set.version, Outcome.BLOCK)
        assert decision.reasons == ("SEVEN",)


async def test_payments_go_on_while_a_set_is_compiled(database: Database) -> None:
    many = [replace(SEVEN, id=f"r{n}", condition=f"amount = {n}") for n in range(300)]
    await in_force(database, many)
    one = engine()
    turning = asyncio.create_task(follow(database, one))
    decided = 0
    while not turning.done():
        (decision,) = await one.decide([event()], ["dec_1"])
        assert decision.rule_set in (SHIPPED.version, one.base.version)
        fired = decision.rule_set != SHIPPED.version
        assert (decision.reasons == ("SEVEN",)) is fired
        decided += 1
        await asyncio.sleep(0)
    assert await turning == 1
    assert decided > 10


async def test_a_set_of_a_younger_release_is_not_followed(database: Database) -> None:
    await in_force(database, [replace(SEVEN, condition="payer_count_1h = 7")])
    older = make_catalogue([f for f in CATALOGUE.features if f.name == "hour"])
    rules = make_rule_set([SEVEN], SHIPPED.thresholds)
    one = Engine(older, rules, Profiles(older))
    with pytest.raises(Refused, match="fact_unknown"):
        await follow(database, one)
    (decision,) = await one.decide([event()], ["dec_1"])
    assert (decision.rule_set, decision.reasons) == (rules.version, ("SEVEN",))


class Acting(NoLists):
    """Lists that add a rule."""

    def act(self, rule_set: RuleSet) -> RuleSet:
        made = replace(SEVEN, id="listed_x", condition="amount = 8", reason="LISTED")
        return make_rule_set([*rule_set.rules, made], rule_set.thresholds, rule_set.outcomes)


async def test_what_lists_add_is_published_before_it_decides(
    database: Database, entropy: SeededEntropy
) -> None:
    one = engine(Acting())
    after = await in_force(database, [SEVEN])
    assert await follow(database, one) == 1
    assert (one.base, one.rule_set) == (after, Acting().act(after))
    ids = [new_id("dec", now=NOW, entropy=entropy) for _ in range(2)]
    decisions = await one.decide([event(7), event(8)], ids)
    assert [d.reasons for d in decisions] == [("SEVEN",), ("LISTED",)]
    async with database.transaction() as tx:
        await record(tx, decisions=decisions)
        assert all([(await replay(tx, name)).same for name in ids])
    assert await follow(database, one) == 0


class Late(Profiles):
    """Never in time."""

    async def learn(self, _events: object) -> list[Facts]:
        raise ProfilesLate


@pytest.mark.parametrize(
    ("condition", "outcome"),
    [
        ("payer_count_1h >= 1", Outcome.ALLOW),
        ("payer_sum_1h + 1 > 0 OR NOT payer_count >= 0", Outcome.ALLOW),
        ("payer_count_1h IS NULL AND degraded = 'profiles'", Outcome.BLOCK),
        ("COALESCE(payer_count_1h, 99) > 50", Outcome.BLOCK),
    ],
)
async def test_late_profiles_are_null_to_every_rule(condition: str, outcome: Outcome) -> None:
    rules = make_rule_set([replace(SEVEN, condition=condition)], SHIPPED.thresholds)
    one = Engine(CATALOGUE, rules, Late(CATALOGUE))
    (decision,) = await one.decide([event()], ["dec_1"])
    assert (decision.outcome, decision.facts[-1]) == (outcome, "profiles")


async def test_the_shipped_rules_decide_without_profiles() -> None:
    one = Engine(CATALOGUE, SHIPPED, Late(CATALOGUE))
    (decision,) = await one.decide([event()], ["dec_1"])
    assert decision.reasons == ()
    assert make_judge(CATALOGUE, SHIPPED)(decision.facts) == decision.verdict
