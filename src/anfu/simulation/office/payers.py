"""Payers before their pages: they pay what a merchant asks for and say how it was; one of them may
show a code at a till."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import httpx

from anfu.kernel.errors import Outcome, OutsideFailure
from anfu.simulation.office.days import Town
from anfu.simulation.register import CURRENCY, done

_CODE = re.compile(r"[0-9]{6}")
_FIRST = 3  # those before have factors of their own: no code is sent to them
_SAID = (
    (5, "一点就付好了 quick"), (5, None), (4, None), (5, "有验证更放心 I feel safe"), (4, None),
    (3, "验证码来得慢 the code came late"), (2, "要输入两次 had to type twice"),
)  # fmt: skip
_AMOUNT = 2_600


async def rate(town: Town, http: httpx.AsyncClient) -> None:
    """Some pay at a checkout and say how it was. Raises OutsideFailure."""
    for number, (score, comment) in enumerate(_SAID):
        payer = town.customers[_FIRST + number]
        page = Page(http, str((await _ask_for(town, payer))["url"]))
        paying = await page.ask("pay", method=0, shown={"amount": _AMOUNT, "currency": CURRENCY})
        ticket = paying["payment"]["ticket"]
        if ticket is not None:
            said = done(await town.client.messages(payer)).body["data"][0]["text"]
            found = _CODE.search(said)
            assert found is not None
            await page.answer(ticket, found[0])
        more = {} if comment is None else {"comment": comment}
        await page.ask("feedback", score=score, **more)


async def show(town: Town) -> str:
    """The address at which a customer shows codes, for a quarter of an hour. Raises
    OutsideFailure."""
    made = await town.post("/v1/showings", {"customer": town.customers[1], "factors": ["password"]})
    return str(made["url"])


class Page:
    """The page of a checkout, by the address that its merchant was told."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http = http
        self._checkout, self._key = url.rpartition("/")[2].split("#")

    async def ask(self, path: str, **more: Any) -> dict[str, Any]:
        """What the page shows afterwards. Raises OutsideFailure."""
        own = {"checkout": self._checkout, "key": self._key, "once": path}
        return await self._post(path, own | more)

    async def answer(self, ticket: str, code: str) -> None:
        """The payer types a code. Raises OutsideFailure."""
        await self._post("answer", {"ticket": ticket, "once": "code", "answer": {"code": code}})

    async def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = await self._http.post(f"/v1/checkout/{path}", json=body)
        if answer.is_error:
            raise OutsideFailure(Outcome.NOT_DONE, f"{path}: {answer.json().get('code')}")
        return dict(answer.json())


async def _ask_for(town: Town, payer: str) -> dict[str, object]:
    deposit = {"party": payer, "amount": _AMOUNT, "currency": CURRENCY}
    await town.post("/v1/deposits", deposit)
    return await town.post("/v1/checkouts", {
        "payee": town.dice.choice(town.merchants), "payer": payer, "amount": _AMOUNT,
        "currency": CURRENCY, "description": "茉莉花茶 Jasmine tea",
        "methods": [{"type": "balance"}],
    })  # fmt: skip
