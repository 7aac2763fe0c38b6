"""A Spark cluster of one master and two workers, processes of their own on the loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

WORKERS, MEMORY = 2, "512m"
# `make spark` installs what `make test` does without.
collect_ignore = [] if find_spec("pyspark") else ["test_spark.py"]


@pytest.fixture(scope="session")
def spark_master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address, e.g. spark://127.0.0.1:40001."""
    pyspark = pytest.importorskip("pyspark")
    java = shutil.which("java")
    if java is None:
        pytest.skip("Spark needs Java 17")
    jars = Path(pyspark.__file__).parent / "jars"
    folder = tmp_path_factory.mktemp("spark")
    port = free_port()
    address = f"spark://127.0.0.1:{port}"
    command = [java, "-Xmx256m", "-cp", f"{jars}/*", *_opened()]
    deploy = "org.apache.spark.deploy"
    with ExitStack() as stack:
        stack.enter_context(
            process([*command, f"{deploy}.master.Master", "--host", "127.0.0.1",
                     "--port", str(port), "--webui-port", "0"], folder / "master.log")
        )  # fmt: skip
        wait_for(port)
        for number in range(WORKERS):
            log = folder / f"worker-{number}.log"
            stack.enter_context(
                process([*command, f"{deploy}.worker.Worker", address, "--host", "127.0.0.1",
                         "--cores", "1", "--memory", MEMORY, "--webui-port", "0",
                         "--work-dir", str(folder / f"worker-{number}")], log)
            )  # fmt: skip
            wait_for_text(log, "Successfully registered")
        yield address


def spark_settings() -> dict[str, str]:
    """What keeps a test's session small and on the loopback."""
    return {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.executor.memory": MEMORY,
        "spark.executor.cores": "1",
        "spark.cores.max": str(WORKERS),
        "spark.scheduler.minRegisteredResourcesRatio": "1.0",
        "spark.sql.shuffle.partitions": "2",
    }


@contextmanager
def process(command: list[str], log: Path) -> Iterator[None]:
    """A program for the length of the block."""
    home = str(Path(pytest.importorskip("pyspark").__file__).parent)
    # Without its scripts Spark looks for the version of Scala in a folder of its own build.
    own = {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_HOME": home, "SPARK_SCALA_VERSION": "2.13"}
    environment = {**os.environ, **own}
    with log.open("wb") as output:
        child = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
        try:
            yield
        finally:
            child.terminate()
            child.wait(20)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(port: int, *, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise AssertionError("the master does not listen")


def wait_for_text(log: Path, text: str, *, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if text in log.read_text("utf-8", errors="ignore"):
            return
        time.sleep(0.2)
    raise AssertionError(log.read_text("utf-8", errors="ignore")[-2_000:])


def _opened() -> list[str]:
    """What Spark asks of Java 17 (org.apache.spark.launcher.JavaModuleOptions)."""
    parts = ("java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net",
             "java.nio", "java.util", "java.util.concurrent", "java.util.concurrent.atomic",
             "sun.nio.ch", "sun.nio.cs", "sun.security.action", "sun.util.calendar")  # fmt: skip
    return [f"--add-opens=java.base/{part}=ALL-UNNAMED" for part in parts]
