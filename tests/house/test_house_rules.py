"""What never happens in this house, each rule with a file that breaks it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.house.house_source import ROOMS, ROOMS_OF_BUSINESS, Check, Source, dotted, offences

Found = Iterator[tuple[int, str]]

READS_TIME = re.compile(
    r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|localtime|gmtime))$"
)
READS_STOPWATCH = re.compile(r"(^|\.)(monotonic|monotonic_ns|perf_counter|perf_counter_ns)$")
ROLLS_DICE = re.compile(
    r"^(os\.urandom|urandom|secrets\.(token_\w+|choice|randbits|randbelow)|uuid\.uuid[14]|uuid[14]"
    r"|random\.(?!Random\b)\w+)$"
)
SECRET_WORDS = {
    *("secret", "secrets", "code", "codes", "password", "card", "pan", "cvv", "document", "token"),
    *("otp", "pin", "plaintext", "credential", "keyring", "signature"),
}
LOGS = re.compile(
    r"(^|\.)_?(log|logger|logging)\.(debug|info|warning|error|exception|critical|log)"
)
SQL = re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|FROM|JOIN|COPY|TRUNCATE|LOCK TABLE)\b")
SQL_TIME = re.compile(
    r"\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\(\)"
    r"|\b(CURRENT_(DATE|TIME|TIMESTAMP)|LOCALTIME(STAMP)?)\b",
    re.IGNORECASE,
)
TABLE = re.compile(r"\b([a-z_]+)\.[a-z_]+")
MONEY_WORDS = {
    *("amount", "minor", "price", "fee", "balance", "money", "total", "paid", "refunded"),
    "remaining",
}


def time_is_read_by_the_clock_alone(source: Source) -> Found:
    for name, call in source.calls():
        if READS_TIME.search(name) and source.name != "kernel/clock.py":
            yield call.lineno, f"{name}() outside kernel/clock.py"


def the_machine_s_clock_is_put_in_at_the_edge(source: Source) -> Found:
    """Whoever is not at the edge is handed a Clock, which may be a test clock. Beside app: the
    clients of other machines, the networks that are some, and the doctor, who compares clocks."""
    edges = {
        *("entrypoints/cli/replay.py", "entrypoints/cli/load.py", "entrypoints/cli/doctor.py"),
        *("entrypoints/cli/train.py", "channels/sandbox/network.py", "kernel/clock.py"),
        *("entrypoints/cli/simulate_channels.py", "entrypoints/cli/bench_reconcile.py"),
    }
    for name, call in source.calls():
        if name.endswith("SystemClock") and source.room != "app" and source.name not in edges:
            yield call.lineno, f"{name}() past the clock that was handed in"


def sql_is_told_the_time(source: Source) -> Found:
    for text in source.strings():
        said = str(text.value)
        if SQL.search(said) and SQL_TIME.search(said) and source.name != "storage/survey.py":
            yield text.lineno, "SQL that reads the server's clock"


def stopwatches_stay_at_the_doors(source: Source) -> Found:
    allowed = source.room in {"entrypoints", "simulation"} or source.name == "storage/embedded.py"
    for name, call in source.calls():
        if READS_STOPWATCH.search(name) and not allowed:
            yield call.lineno, f"{name}() below the doors"


def randomness_is_injected(source: Source) -> Found:
    allowed = source.name in {"kernel/ids.py", "storage/embedded.py"}
    for name, call in source.calls():
        if ROLLS_DICE.match(name) and not allowed:
            yield call.lineno, f"{name}() instead of an injected Entropy"


def now_is_a_keyword_without_default(source: Source) -> Found:
    for function in source.functions():
        given = function.args
        public = not function.name.startswith("_")
        if public and any(a.arg == "now" for a in (*given.posonlyargs, *given.args)):
            yield function.lineno, f"{function.name}: now is not keyword-only"
        for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
            if argument.arg == "now" and default is not None:
                yield function.lineno, f"{function.name}: now has a default"


def settings_are_read_by_app_alone(source: Source) -> Found:
    if source.room == "app" or source.name == "storage/embedded.py":
        return
    for node in source.nodes:
        name = dotted(node) if isinstance(node, (ast.Attribute, ast.Name)) else ""
        if name in {"os.environ", "os.getenv", "os.environb", "environ", "getenv"}:
            yield node.lineno, f"{name} outside app"


def only_storage_commits(source: Source) -> Found:
    for name, call in source.calls():
        if name.endswith((".commit", ".rollback")) and source.room != "storage":
            yield call.lineno, f"{name}() outside storage"


def money_is_no_float(source: Source) -> Found:
    if source.room in {"risk", "lab"}:  # means and scores of many amounts, not money
        return
    for name, annotation in _annotations(source.tree):
        floats = any(isinstance(n, ast.Name) and n.id == "float" for n in ast.walk(annotation))
        if floats and MONEY_WORDS & set(name.split("_")):
            yield annotation.lineno, f"{name} is annotated as float"


def a_room_names_its_own_tables_only(source: Source) -> Found:
    for text in source.strings():
        if SQL.search(str(text.value)):
            for schema in set(TABLE.findall(str(text.value))) & (ROOMS - {source.room}):
                yield text.lineno, f"the tables of {schema} are private to it"


def tables_are_private_to_queries_and_operations(source: Source) -> Found:
    if source.room not in ROOMS_OF_BUSINESS or source.touches_tables:
        return
    for text in source.strings():
        if SQL.search(str(text.value)) and source.room in TABLE.findall(str(text.value)):
            yield text.lineno, "SQL outside queries and operations"


def nouns_are_pure(source: Source) -> Found:
    impure = ("asyncpg", "anfu.storage.database", "anfu.storage.embedded", "httpx", "asyncio")
    for module, line in source.imported():
        if source.is_noun and module.startswith(impure):
            yield line, f"a noun imports {module}"
    for function in source.functions():
        if source.is_noun and isinstance(function, ast.AsyncFunctionDef):
            yield function.lineno, f"a noun awaits: {function.name}"


def operations_take_a_transaction_and_keywords(source: Source) -> Found:
    if not source.touches_tables or source.room not in ROOMS_OF_BUSINESS:
        return
    for function in source.tree.body:
        if not isinstance(function, ast.AsyncFunctionDef) or function.name.startswith("_"):
            continue
        positional = [argument.arg for argument in function.args.args]
        if positional[:1] != ["tx"]:
            yield function.lineno, f"{function.name}: tx comes first"
        if source.stem == "operations" and positional[1:]:
            yield function.lineno, f"{function.name}: all but tx are keywords"


def the_network_is_opened_by_channels_alone(source: Source) -> Found:
    """What import-linter cannot see: parts of packages that are otherwise harmless."""
    allowed = source.room in {"channels", "entrypoints", "simulation"}
    for module, line in source.imported():
        if module.startswith(("urllib.request", "http.", "xmlrpc", "socket")) and not allowed:
            yield line, f"imports {module}"
    for name, call in source.calls():
        opens = name.endswith((".open_connection", ".create_connection", ".start_server"))
        if opens and not allowed:
            yield call.lineno, f"{name}()"


def logs_hold_no_secret(source: Source) -> Found:
    for name, call in source.calls():
        if LOGS.search(name):
            arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
            for node in (n for argument in arguments for n in ast.walk(argument)):
                word = dotted(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""
                if _is_secret(word):
                    yield call.lineno, f"{word} goes into a log"


def only_the_doors_print(source: Source) -> Found:
    for name, call in source.calls():
        if name == "print" and source.room not in {"entrypoints", "simulation"}:
            yield call.lineno, "print() below the doors"


def modules_have_names_that_say_something(source: Source) -> Found:
    empty = {"util", "utils", "helper", "helpers", "common", "manager", "base", "misc", "service"}
    for part in Path(source.name).with_suffix("").parts:
        if empty & set(part.split("_")):
            yield 1, f"{part} says nothing"
    for node in source.nodes:
        if isinstance(node, ast.ClassDef) and re.search(r"(Manager|Helper|Utils?)$", node.name):
            yield node.lineno, f"class {node.name} says nothing"


def _annotations(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign):
            yield dotted(node.target).rpartition(".")[2], node.annotation
        elif isinstance(node, ast.arg) and node.annotation is not None:
            yield node.arg, node.annotation
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.returns:
            yield node.name, node.returns


def _is_secret(word: str) -> bool:
    """`refused.code` and its like are stable words; any other code may open a door."""
    if re.search(r"(^|\.)(refused|refusal|error|denial|problem|breach|status)[._]code$", word):
        return False
    return bool(SECRET_WORDS & set(re.split(r"[._]", word)))


# rule: a file that breaks it, as (name, text)
RULES: dict[Check, tuple[str, str]] = {
    time_is_read_by_the_clock_alone: ("risk/facts.py", "at = datetime.datetime.now(UTC)"),
    the_machine_s_clock_is_put_in_at_the_edge: ("payments/pay.py", "now = SystemClock().now()"),
    sql_is_told_the_time: (
        "ledger/queries.py",
        "Q = 'SELECT * FROM ledger.entry WHERE at < now()'",
    ),
    stopwatches_stay_at_the_doors: ("ledger/entry.py", "start = time.perf_counter()"),
    randomness_is_injected: ("payments/pay.py", "key = secrets.token_hex(8)"),
    now_is_a_keyword_without_default: ("limits/rule.py", "def f(*, now=None): ..."),
    settings_are_read_by_app_alone: ("channels/sms.py", "url = os.environ['URL']"),
    only_storage_commits: ("payments/book.py", "async def f(tx): await tx.commit()"),
    money_is_no_float: ("ledger/entry.py", "class E:\n    fee_minor: float | None"),
    a_room_names_its_own_tables_only: (
        "ledger/queries.py",
        "Q = f'SELECT 1 FROM ledger.entry JOIN parties.customer USING ({x})'",
    ),
    tables_are_private_to_queries_and_operations: (
        "ledger/account.py",
        "Q = 'SELECT * FROM ledger.entry'",
    ),
    nouns_are_pure: ("ledger/account.py", "from anfu.storage import database"),
    operations_take_a_transaction_and_keywords: (
        "ledger/operations.py",
        "async def post(tx, orders): ...",
    ),
    the_network_is_opened_by_channels_alone: ("risk/lists.py", "from urllib import request"),
    logs_hold_no_secret: ("authentication/factor.py", "log.info('%s', f'{challenge.code}')"),
    only_the_doors_print: ("ledger/entry.py", "print(1)"),
    modules_have_names_that_say_something: ("ledger/account_utils.py", ""),
}
ids = [rule.__name__ for rule in RULES]


@pytest.fixture(scope="module")
def found() -> dict[Check, list[str]]:
    """The offences against every rule."""
    return offences(RULES)


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_the_rule_is_kept(rule: Check, found: dict[Check, list[str]]) -> None:
    assert found[rule] == []


@pytest.mark.parametrize(("rule", "broken"), RULES.items(), ids=ids)
def test_the_rule_sees_the_file_that_breaks_it(rule: Check, broken: tuple[str, str]) -> None:
    assert len(list(rule(Source(*broken)))) == 1
