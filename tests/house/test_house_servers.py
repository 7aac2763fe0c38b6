"""One PostgreSQL serves a whole run of tests; who starts another says here what for."""

from __future__ import annotations

import ast

from tests.house.house_source import ROOT, Source

# A server takes seconds to come up, a fresh database of the shared one (`database`) a tenth of one.
OF_THEIR_OWN = {
    "attack/test_attacks.py": "an installation is attacked",
    "integration/simulation/test_simulation_processes.py": "processes that start the server",
    "integration/storage/test_database.py": "a server is killed",
    "journey/simulation/test_simulation_demo.py": "the demo starts its own",
    "journey/simulation/test_simulation_office.py": "the demo starts its own",
    "journey/test_bench_handbook_small.py": "the command makes its own folder",
    "journey/test_chaos_small.py": "a server is killed",
    "journey/test_cli_doctor.py": "an installation from nothing",
    "journey/test_client.py": "the client speaks to a whole installation",
    "journey/test_first_payment.py": "an installation from nothing",
    "journey/test_kill_and_rebuild.py": "a server is killed",
    "journey/test_shared_profiles_over_http.py": "processes that start the server",
}


def test_only_these_tests_start_a_server_of_their_own() -> None:
    tests = ROOT / "tests"
    files = [Source(f.relative_to(tests).as_posix(), f.read_text("utf-8"))
             for f in tests.rglob("test_*.py")]  # fmt: skip
    assert {file.name for file in files if starts_a_server(file)} == OF_THEIR_OWN.keys()


def test_a_server_is_seen_in_a_call_and_in_a_fixture() -> None:
    assert starts_a_server(Source("test_x.py", "server = EmbeddedServer(folder)"))
    assert starts_a_server(Source("test_x.py", "def test_it(home: Path) -> None: ..."))
    assert starts_a_server(Source("test_x.py", "from anfu.simulation.processes import Stack"))
    assert not starts_a_server(Source("test_x.py", "def test_it(database: Database): ..."))


def starts_a_server(source: Source) -> bool:
    """Whether a file makes a server or an installation, or takes the folder that is for one."""
    takes = any(isinstance(node, ast.arg) and node.arg == "home" for node in source.nodes)
    makes = any(name == "EmbeddedServer" for name, _ in source.calls())
    installs = any(name == "anfu.simulation.processes.Stack" for name, _ in source.imported())
    return takes or makes or installs
