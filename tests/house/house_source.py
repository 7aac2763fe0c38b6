"""The source of the house as the house tests read it: files, rooms, syntax trees."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src/anfu"
MIGRATIONS = PACKAGE / "storage/migrations"

# Every room that may exist, by floor; the same list as in docs/house.md and pyproject.toml.
FLOORS = (
    ("kernel",),
    ("storage",),
    ("evidence",),
    ("parties", "limits", "authentication", "risk", "channels", "ledger"),
    ("payments",),
    ("lending", "exchange", "loyalty", "settlement", "compliance", "operations", "lab"),
    ("entrypoints", "simulation"),
    ("app", "client"),
)
ROOMS = frozenset(room for floor in FLOORS for room in floor)
# Rooms whose tables are private to `queries` and `operations`.
ROOMS_OF_BUSINESS = frozenset(room for floor in FLOORS[2:6] for room in floor)
# Files named by a verb: they may run transactions of their own.
JOURNEYS = {
    *("pay", "step_up", "send", "book", "notice", "recover", "refund", "release", "reject"),
    *("onboard", "inquire", "ask_late", "switch"),
    *("apply", "own", "verify", "settle", "screen"),
    *("attach", "call_off", "finish", "give_back", "hand_out", "watch_refunds"),
    *("submit", "decide", "suspend", "renew"),
    *("scan", "reseal", "reveal", "agree", "erase"),
    *("cancel", "expire", "review", "audit", "seal", "replay", "rebuild", "restore"),
    *("approve", "backtest", "export", "train"),
    *("examine", "follow", "explain", "watch", "register", "promote"),
    *("draft", "propose"),
    "amend",
    *("begin", "give", "permit"),
    "take",
    *("bind", "recognise", "sense"),
    *("assess", "challenge", "deposit", "enrol", "fund", "label", "record", "reckon"),
    "observe",
    *("agree", "draw", "withdraw"),
    *("deny", "hand_over", "look", "present", "set_up", "show"),
    *("invite", "enlist", "sign_in", "sign_on", "grant", "break_glass", "welcome"),
    *("fetch", "reconcile", "treat", "replace", "advance"),
    *("gather", "recall", "check", "draw_up", "count", "keep", "carry"),
    *("adopt", "carry_out", "claim", "conclude", "escalate", "handle", "refer"),
}
# What journeys are handed, the database and the store of profiles among it.
AWAITING = {"payments/tools.py", "risk/engine.py", "risk/profiles.py",
            "risk/shared/store.py"}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """One Python file: `name` is its path below `src/anfu`, e.g. `ledger/queries.py`."""

    name: str
    text: str

    @functools.cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @functools.cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node of the tree."""
        return list(ast.walk(self.tree))

    @property
    def room(self) -> str:
        return self.name.split("/")[0].removesuffix(".py")

    @property
    def stem(self) -> str:
        return Path(self.name).stem

    @property
    def touches_tables(self) -> bool:
        """Whether this is a room's `queries` or `operations`, as a file or as a folder."""
        return bool({"queries", "operations"} & {self.stem, *Path(self.name).parts[1:-1]})

    @property
    def is_noun(self) -> bool:
        """A file of pure, synchronous functions: no table, no journey."""
        business = self.room in ROOMS_OF_BUSINESS - {"channels"} and self.stem != "__init__"
        wiring = self.name in AWAITING
        return business and not wiring and not self.touches_tables and not self.is_journey

    @property
    def is_journey(self) -> bool:
        return self.room in ROOMS_OF_BUSINESS and self.stem in JOURNEYS

    def strings(self) -> Iterator[ast.Constant]:
        """Text constants, those inside f-strings too, without docstrings."""
        docstrings = {id(d) for d in _docstrings(self.tree)}
        for node in self.nodes:
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
            if is_text and id(node) not in docstrings:
                yield node

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """Every call with its dotted name as written, e.g. `datetime.now`."""
        for node in self.nodes:
            if isinstance(node, ast.Call):
                yield dotted(node.func), node

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in self.nodes:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield node

    def imported(self) -> Iterator[tuple[str, int]]:
        """Every imported module and `module.name`, with its line."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield alias.name, node.lineno
            elif isinstance(node, ast.ImportFrom):
                yield node.module or "", node.lineno
                for alias in node.names:
                    yield f"{node.module}.{alias.name}", node.lineno


# A check gives the offences of one file: the line and what is wrong.
Check = Callable[[Source], Iterator[tuple[int, str]]]


def sources() -> list[Source]:
    """Every Python file of the package."""
    files = sorted(PACKAGE.rglob("*.py"))
    return [Source(f.relative_to(PACKAGE).as_posix(), f.read_text("utf-8")) for f in files]


def offences(checks: Iterable[Check]) -> dict[Check, list[str]]:
    """What each check finds in the whole package, ready to be read; a file is parsed once."""
    found: dict[Check, list[str]] = {check: [] for check in checks}
    for source in sources():
        for check, told in found.items():
            told += [f"{source.name}:{line}: {what}" for line, what in check(source)]
    return found


def dotted(node: ast.expr) -> str:
    """`a.b.c` of an attribute chain; a part that is no name is left empty."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        first = body[0] if isinstance(body, list) and body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            yield first.value
