"""Lists: read and search them, change what stands on them, declare them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import replace

import msgspec

from anfu.entrypoints.api.documents import page
from anfu.entrypoints.api.lists_forms import (
    ChangeDocument,
    DeltaDocument,
    DeltaForm,
    EntriesForm,
    EntryList,
    EntryQuery,
    HistoryList,
    HistoryQuery,
    ImportForm,
    ListDocument,
    ListForm,
    ListList,
    RemovalForm,
    WhyForm,
    change_answer,
    entry_document,
    history_document,
    list_document,
)
from anfu.entrypoints.api.operation import Call, Operation
from anfu.kernel.errors import Refused
from anfu.payments.document import encode
from anfu.risk.lists import queries
from anfu.risk.lists.amend import Amendment, Batches, Redeclaration, amend
from anfu.risk.lists.change import Item
from anfu.risk.lists.declaration import Declaration, make_declaration
from anfu.risk.lists.importing import Given, Reader, batches, check_text
from anfu.risk.lists.values import read_value
from anfu.storage.idempotency import Answer

_BATCH = 1_000
_ROWS_MOST = 20_000


async def listed(call: Call) -> Answer:
    """Every list that is not retired."""
    book = call.desk.tools.lists.book
    counts = book.counts()
    lists = sorted(book.declared.values(), key=lambda d: d.name)
    return Answer(200, page([list_document(d, counts[d.name]) for d in lists], len(lists)))


async def get(call: Call) -> Answer:
    """One list."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await queries.get_declaration(tx, call.path["list"])
        fed = (await queries.find_feeds(tx, [found.name])).get(found.name)
    counts = call.desk.tools.lists.book.counts()
    return Answer(200, encode(list_document(found, counts.get(found.name, 0), fed)))


async def declare(call: Call) -> Answer:
    """Propose a new list, or another declaration of a known one."""
    form: ListForm = call.body
    values = msgspec.to_builtins(form)
    why = check_text(values.pop("why"), "why")
    return await _amend(call, Redeclaration(make_declaration(values), why, call.person))


async def retire(call: Call) -> Answer:
    """Propose that a list ends."""
    form: WhyForm = call.body
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await queries.get_declaration(tx, call.path["list"])
    why = check_text(form.why, "why")
    return await _amend(call, Redeclaration(replace(found, retired=True), why, call.person))


async def entries(call: Call) -> Answer:
    """A page of entries, or the one that is looked for."""
    query: EntryQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        declaration = await queries.get_declaration(tx, call.path["list"])
        name = declaration.name
        if query.value is None:
            found = await queries.list_entries(
                tx, name, after=query.after or "", most=query.limit + 1
            )
        else:
            value = read_value(declaration, query.value, call.desk.tools.lists.book.blind)
            found = list((await queries.find_entries(tx, name, [value])).values())
    return Answer(200, page([entry_document(e, now=call.now) for e in found], query.limit))


async def history(call: Call) -> Answer:
    """What changed on a list, and by whom."""
    query: HistoryQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        await queries.get_declaration(tx, call.path["list"])
        found = await queries.list_history(
            tx, call.path["list"], before=query.after, most=query.limit + 1
        )
    return Answer(200, page([history_document(release) for release in found], query.limit))


async def add(call: Call) -> Answer:
    """Put values onto a list."""
    form: EntriesForm = call.body
    given = Given(check_text(form.why, "why"), check_text(form.source, "source"))

    def items(declaration: Declaration) -> Iterable[Sequence[Item]]:
        reader = Reader(declaration, call.desk.tools.lists.book.blind, given, call.now)
        told = [
            reader.item(e.value, e.expires_at, e.reason or "", e.source or "")
            for e in form.entries
        ]  # fmt: skip
        _once_each(told)
        return [told]

    return await _change(call, items, form.why)


async def remove(call: Call) -> Answer:
    """Take values off a list."""
    form: RemovalForm = call.body
    why = check_text(form.why, "why")

    def items(declaration: Declaration) -> Iterable[Sequence[Item]]:
        blind = call.desk.tools.lists.book.blind
        values = [read_value(declaration, value, blind) for value in form.values]
        told = [Item(value, "api", why, None, added=False) for value in values]
        _once_each(told)
        return [told]

    return await _change(call, items, form.why)


async def bring_in(call: Call) -> Answer:
    """Put the rows of a CSV onto a list, all or none."""
    form: ImportForm = call.body
    given = Given(check_text(form.why, "why"), check_text(form.source, "source"))
    return await _change(call, _rows(call, form.csv, given), form.why, replaces=form.replace)


async def delta(call: Call) -> Answer:
    """What a list would change by becoming the rows of a CSV."""
    form: DeltaForm = call.body
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        declaration = await queries.get_declaration(tx, call.path["list"])
        rows = _rows(call, form.csv, Given("delta", "delta"))(declaration)
        wanted = [item for batch in rows for item in batch]
        stand = await queries.find_expiries(tx, declaration.name, [i.value for i in wanted])
        count = await queries.count_entries(tx, declaration.name)
    moved = sum(i.value in stand and stand[i.value] != i.expires for i in wanted)
    document = {
        "object": "list_delta",
        "list": declaration.name,
        "entries": count,
        "added": len(wanted) - len(stand),
        "moved": moved,
        "removed": count - len(stand),
    }
    return Answer(200, encode(document))


async def _change(call: Call, items: Batches, why: str, *, replaces: bool = False) -> Answer:
    every = (lambda _: True) if replaces else None
    return await _amend(call, Amendment(call.path["list"], items, why, call.person, every))


async def _amend(call: Call, order: Amendment | Redeclaration) -> Answer:
    tools = call.desk.tools
    name = order.name if isinstance(order, Amendment) else order.declaration.name
    answer = await amend(
        tools.database,
        call.once,
        order,
        describe=lambda amended: encode(change_answer(name, amended)),
        entropy=tools.entropy,
        now=call.now,
    )
    # Whoever asked sees it from the next payment on; other processes within a second.
    await tools.lists.turn()
    return answer


def _rows(call: Call, csv: str, given: Given) -> Batches:
    def items(declaration: Declaration) -> Iterable[Sequence[Item]]:
        reader = Reader(declaration, call.desk.tools.lists.book.blind, given, call.now)
        return batches(reader, io.StringIO(csv, newline=""), most=_ROWS_MOST, size=_BATCH)

    return items


def _once_each(items: Sequence[Item]) -> None:
    if len({item.value for item in items}) < len(items):
        raise Refused("list_value_repeated", field="value")


_VALUES = ("list_value_invalid", "list_value_in_clear", "list_network_invalid",
           "list_network_too_wide")  # fmt: skip
_ITEMS = (*_VALUES, "list_value_repeated", "list_text_invalid", "list_expiry_invalid",
          "list_expiry_past")  # fmt: skip
_CSV = ("list_columns_invalid", "list_rows_invalid", "list_too_large")
_FOUND = ("list_not_found",)
_LIST = {
    "name": "mule_devices", "kind": "BLACK", "form": "EXACT", "inputs": ["device"],
    "grade": "HIGH", "points": 80, "reason": "LIST_MULE_DEVICE",
    "en": "The device served mule accounts", "zh": "设备曾用于跑分账户",
    "source": "cases closed as fraud", "owner": "risk", "why": "pattern of November",
}  # fmt: skip
_ENTRIES = {"entries": [{"value": "dev_phone", "expires_at": "2027-11-28T00:00:00Z"}],
            "why": "case 17", "source": "case"}  # fmt: skip
_ROWS = "value,expires_at,reason\ndev_phone,2027-11-28,case 17\n"
OPERATIONS = (
    Operation("list_lists", "GET", "/v1/lists", "List the lists.", listed,
              scope="lists:read", institution=True,
              answer=ListList),
    Operation("get_list", "GET", "/v1/lists/{list}", "Read a list.", get,
              scope="lists:read", institution=True,
              answer=ListDocument, refusals=_FOUND),
    Operation("declare_list", "POST", "/v1/lists", "Propose a list, or what a list does from now"
              " on.", declare,
              scope="lists:write", institution=True, body=ListForm, answer=ChangeDocument,
              status=201, once=True, example=_LIST,
              refusals=("list_name_invalid", "list_inputs_invalid",
                        "list_form_unfit", "list_form_fixed", "list_effect_invalid",
                        "list_text_missing", "list_text_invalid", "list_feed_invalid")),
    Operation("retire_list", "POST", "/v1/lists/{list}/retire", "Propose that a list ends.",
              retire,
              scope="lists:write", institution=True, body=WhyForm, answer=ChangeDocument,
              status=201, once=True, refusals=(*_FOUND, "list_text_invalid"),
              example={"why": "no longer supplied"}),
    Operation("list_list_entries", "GET", "/v1/lists/{list}/entries", "List what stands on a list,"
              " or look for one value.", entries,
              scope="lists:read", institution=True, query=EntryQuery,
              answer=EntryList, refusals=(*_FOUND, *_VALUES)),
    Operation("list_list_changes", "GET", "/v1/lists/{list}/changes", "List what changed on a"
              " list.", history,
              scope="lists:read", institution=True, query=HistoryQuery, answer=HistoryList,
              refusals=_FOUND),
    Operation("add_list_entries", "POST", "/v1/lists/{list}/entries", "Put values onto a list, or"
              " propose it where one person is not enough.", add,
              scope="lists:write", institution=True,
              body=EntriesForm, answer=ChangeDocument, status=201, once=True,
              refusals=(*_FOUND, *_ITEMS), example=_ENTRIES),
    Operation("remove_list_entries", "POST", "/v1/lists/{list}/entries/remove", "Take values off a"
              " list, or propose it where one person is not enough.", remove,
              scope="lists:write", institution=True,
              body=RemovalForm, answer=ChangeDocument, status=201, once=True,
              refusals=(*_FOUND, *_VALUES, "list_value_repeated", "list_text_invalid"),
              example={"values": ["dev_phone"], "why": "found again by its owner"}),
    Operation("import_list", "POST", "/v1/lists/{list}/import", "Put the rows of a CSV onto a list,"
              " all or none.", bring_in, scope="lists:write", institution=True, body=ImportForm,
              answer=ChangeDocument, status=201, once=True,
              refusals=(*_FOUND, *_CSV, "list_text_invalid"),
              example={"csv": _ROWS, "why": "November's file", "source": "issuer"}),
    Operation("get_list_delta", "POST", "/v1/lists/{list}/delta", "See what a list would change by"
              " becoming the rows of a CSV; nothing is written.", delta,
              scope="lists:read", institution=True,
              body=DeltaForm, answer=DeltaDocument, refusals=(*_FOUND, *_CSV),
              example={"csv": _ROWS}),
)  # fmt: skip
