"""The ASGI application: every operation behind its door, one address each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from anfu.entrypoints.api import (
    access_log,
    agreed_limits,
    audit,
    backtests,
    balances,
    behaviour,
    books,
    case_attachments,
    case_policy,
    cases,
    challenges,
    checkout,
    checkout_agree,
    checkout_device,
    checkout_mandates,
    checkout_page,
    checkout_pay,
    checkout_scan,
    checkout_showing,
    checkouts,
    codes,
    consents,
    customers,
    decision_list,
    decisions,
    deliveries,
    deposits,
    development,
    device_sessions,
    devices,
    emergency,
    events,
    evidence,
    factors,
    features,
    feedback,
    firms,
    graph,
    health,
    keys,
    labels,
    lists,
    live,
    mandates,
    merchant_application_acts,
    merchant_applications,
    merchants,
    models,
    multipliers,
    notices,
    onboardings,
    overview,
    payments,
    payouts,
    personal,
    proposals,
    reconciliation,
    refunds,
    requests,
    reserve_checks,
    reveals,
    rule_imports,
    rule_sets,
    rules,
    same_day,
    search,
    settlement_terms,
    settlements,
    showings,
    sign_in,
    sign_on,
    staff,
    stop_orders,
    story,
    strays,
    tasks,
    test_clock,
    waiting,
    webhooks,
)
from anfu.entrypoints.api.answering import respond
from anfu.entrypoints.api.checkout_site import checkout_routes
from anfu.entrypoints.api.desk import Desk
from anfu.entrypoints.api.door import Door
from anfu.entrypoints.api.errors import PROBLEMS, language_of, problem_document
from anfu.entrypoints.api.openapi import describe
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.site import Site
from anfu.kernel.errors import Refused
from anfu.payments.document import encode
from anfu.storage.idempotency import Answer

_ROOMS = (overview, search, live, payments, story, challenges, factors, checkout,
          checkout_agree, checkout_mandates, checkouts, checkout_page, checkout_pay,
          checkout_device, checkout_scan, feedback, refunds, codes, showings, checkout_showing,
          strays, tasks, customers,
          reveals, personal, onboardings, firms, consents, agreed_limits, stop_orders,
          mandates, merchant_applications, merchant_application_acts, merchants, same_day,
          settlement_terms, settlements, payouts, reserve_checks, multipliers, deposits,
          balances, books, reconciliation, decision_list, decisions, device_sessions, devices,
          behaviour, labels, waiting, proposals, features, rules, rule_imports, rule_sets, lists,
          graph, backtests, models, cases, case_attachments, case_policy, evidence, webhooks,
          deliveries, events, sign_in, sign_on, staff, keys, access_log, audit, requests,
          emergency, development, test_clock, notices, health)  # fmt: skip


_CONSOLE = (
    b"default-src 'none'; script-src 'self'; style-src-elem 'self' 'nonce-__NONCE__';"
    b" style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self';"
    b" connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The console draws charts, whose labels have styles of their own; no script but its own runs."""

_PAPERS = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    b" base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def operations(*, development_mode: bool) -> list[Operation]:
    """Every operation, in the order of the reference; the development ones only where allowed."""
    rooms = [room for room in _ROOMS if development_mode or room is not development]
    return [operation for room in rooms for operation in room.OPERATIONS]


def application(desk: Desk) -> ASGIApp:
    """The whole API."""
    development_mode = desk.tools.policy.development
    declared = operations(development_mode=development_mode)
    declared.append(_description(development_mode, desk.version))
    paths: dict[str, dict[str, ASGIApp]] = {}
    for operation in declared:
        paths.setdefault(operation.path, {})[operation.method] = Door(operation, desk)
    resources = {path: Resource(doors) for path, doors in paths.items()}
    routes = [Route(path, resource) for path, resource in resources.items()]
    routes += Site("console", _CONSOLE, desk.tools.entropy).routes
    routes += Site("docs", _PAPERS, desk.tools.entropy, many=True).routes
    routes += checkout_routes(desk.tools)
    routed = Starlette(
        routes=routes,
        exception_handlers={HTTPException: _refuse},
    )
    routed.router.redirect_slashes = False  # a signature is good for one address only
    exact = {path: resource for path, resource in resources.items() if "{" not in path}
    return _Front(routed, exact)


class Resource:
    """One address: dispatches on the method."""

    def __init__(self, doors: Mapping[str, ASGIApp]) -> None:
        self._doors = doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        door = self._doors.get(scope["method"])
        if door is None:
            refusal = Refused("method_not_allowed", allowed=sorted(self._doors))
            language = language_of(dict(scope["headers"]).get(b"accept-language", b""))
            problem = PROBLEMS["method_not_allowed"]
            answer = Answer(problem.status, problem_document(problem, refusal, language))
            allowed = ", ".join(sorted(self._doors)).encode()
            await respond(send, answer, b"application/problem+json", [(b"allow", allowed)])
            return
        await door(scope, receive, send)


class _Front:
    """Goes straight to an address without parameters: on the payment's way the router's search
    and its middleware would cost as much as the signature."""

    def __init__(self, routed: Starlette, exact: Mapping[str, Resource]) -> None:
        self._routed = routed
        self._exact = exact

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        resource = self._exact.get(scope["path"]) if scope["type"] == "http" else None
        await (resource or self._routed)(scope, receive, send)


def _description(development_mode: bool, version: str) -> Operation:
    body = description(development_mode=development_mode, version=version)

    async def openapi(_call: Call) -> Answer:
        return Answer(200, body)

    return Operation("get_openapi", "GET", "/openapi.json", "This description.", openapi)


@cache
def description(*, development_mode: bool, version: str) -> bytes:
    """The OpenAPI 3.1 document, as JSON. Made once for all applications of a process: it takes as
    long as everything else of one."""
    return encode(describe(operations(development_mode=development_mode), version))


async def _refuse(request: Request, _error: Exception) -> Response:
    problem = PROBLEMS["not_found"]
    language = language_of(request.headers.get("accept-language", "").encode("latin-1"))
    body = problem_document(problem, Refused("not_found"), language)
    return Response(body, problem.status, media_type="application/problem+json")
