"""The graph over HTTP: findings reach the decision, and a neighbourhood is drawn, masked."""

from __future__ import annotations

from typing import Any

from tests.journey.conftest import Client, House

from anfu.risk.graph.graph import LinkGraph
from anfu.risk.queries import find_events, get_decision


async def decide(client: Client, payer: str, payee: str = "shop", **more: Any) -> dict[str, Any]:
    form = {"event": f"e{client.count}", "payer": payer, "payee": payee, "amount": 1000,
            "currency": "CNY", "method": "card", **more}  # fmt: skip
    answer = await client.post("/v1/decisions", form)
    assert answer.status_code == 201, answer.text
    found = await client.get(f"/v1/decisions/{answer.json()['id']}")
    return dict(found.json())


async def test_accounts_that_share_a_device_are_tied_and_fraud_is_a_step_away(
    house: House,
) -> None:
    office = house.office
    device = {"environment": {"device": "dev_farm", "address": "203.0.113.7"}}
    first = await decide(office, "alice", **device)
    assert [first["facts"][n] for n in ("payer_component", "payer_fraud_steps")] == [1, None]
    async with house.database.transaction(readonly=True) as tx:
        stored = await get_decision(tx, first["id"])
        event = (await find_events(tx, [stored]))[first["id"]]
    graph = house.tools.engine.graph
    assert isinstance(graph, LinkGraph)
    graph.label(event, fraud=True)
    second = await decide(office, "bob", "mall", **device)
    facts = second["facts"]
    assert (facts["payer_component"], facts["payer_fraud_steps"]) == (2, 1)
    assert (facts["payee_fraud_steps"], facts["cycle_length"]) == (None, None)
    facts = (await decide(office, "mall", "alice"))["facts"]
    assert (facts["payer_fraud_steps"], facts["payee_fraud_steps"]) == (1, 0)
    assert (await decide(office, "alice", "bob"))["facts"]["cycle_length"] == 3


async def test_a_neighbourhood_is_drawn_with_what_is_personal_masked(house: House) -> None:
    office = house.office
    seen = {
        "environment": {"device": "dev_farm", "address": "203.0.113.7"},
        "card": "tok_123456789",
    }
    await decide(office, "alice", **seen)
    await decide(office, "bob", **seen)
    answer = (await office.get("/v1/graph/device/dev_farm", depth=2)).json()
    nodes = {(n["kind"], n["id"]): n for n in answer["nodes"]}
    assert set(nodes) == {
        ("device", "dev_farm"), ("account", "alice"), ("account", "bob"), ("account", "shop"),
        ("address", "203.0.113.0/24"), ("card", "…6789"),
    }  # fmt: skip
    assert nodes["device", "dev_farm"]["number"] == 0
    assert [n["steps"] for n in answer["nodes"]] == [0, 1, 1, 2, 2, 2]
    kinds = sorted((e["kind"], e["count"]) for e in answer["edges"])
    assert kinds == [("PAID", 1)] * 2 + [("USED", 1)] * 6
    assert answer["truncated"] is False
    near = (await office.get("/v1/graph/device/dev_farm", depth=1)).json()
    assert len(near["nodes"]) == 3


async def test_what_may_not_be_drawn_is_refused(house: House) -> None:
    till = await house.client(merchant=await house.office.merchant())
    nobody = await house.client(scopes={"lists:read"})
    await decide(house.office, "alice")
    async with house.untouched():
        assert (await till.get("/v1/graph/account/alice")).json()["code"] == "institution_only"
        for path in ("account/nobody", "device/x", "moon/alice"):
            answer = await house.office.get(f"/v1/graph/{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "graph_node_not_found")
        deep = await house.office.get("/v1/graph/account/alice", depth=4)
        assert deep.json()["code"] == "query_invalid"
        assert (await nobody.get("/v1/graph/account/alice")).json()["code"] == "scope_missing"


async def test_a_shop_that_everybody_pays_is_drawn_up_to_a_bound(house: House) -> None:
    graph = house.tools.engine.graph
    assert isinstance(graph, LinkGraph)
    first = await decide(house.office, "alice", environment={"address": "203.0.113.7"})
    async with house.database.transaction(readonly=True) as tx:
        stored = await get_decision(tx, first["id"])
        event = (await find_events(tx, [stored]))[first["id"]]
    for number in range(500):
        graph.learn(
            type(event)(f"x{number}", f"p{number}", "shop", 1, "CNY", "card", None, event.at)
        )
    answer = (await house.office.get("/v1/graph/account/shop")).json()
    assert len(answer["nodes"]) == 150
    assert answer["truncated"] is True
    assert answer["nodes"][0]["hub"] is True
