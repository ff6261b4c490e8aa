"""Sweeps at the command line and on a cluster, and the memory of one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import detente
from detente.engine.store.codec import encode
from detente.present.cli.app import app
from tests.study.structures import CRISIS
from tests.study.test_sweep import MORE


def asked(case: Path, *words: str) -> Result:
    """What `detente sweep` says of a case."""
    return CliRunner().invoke(app, ["sweep", str(case), *words])


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "demand.yaml"
    path.write_text(MORE, encoding="utf-8")
    return path


MEMORY = """
import resource, sys
import detente

def most() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

case = detente.loads(sys.stdin.read(), "demand.yaml")
detente.sweep(case, draws=5_000, workers=1)
few = most()
detente.sweep(case, draws=100_000, workers=1)
print(most() - few)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is told in other units")
def test_memory_does_not_grow_with_draws() -> None:
    """Twenty times the draws; ten numbers of each would be 8 MB."""
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], input=CRISIS, capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert int(done.stdout) < 6_000, "kB"


def test_the_command_says_what_it_took_and_json_does_not(case: Path, tmp_path: Path) -> None:
    one, two = (asked(case, "--draws", "400", "--json", *rest) for rest in (["--workers", "1"], ["--no-store"]))
    assert one.exit_code == 0
    assert one.stdout == two.stdout
    told = json.loads(one.stdout)
    assert told["outcomes"]["war"]["within"] < 1e-4
    assert "took" not in told
    page = tmp_path / "page.html"
    shown = asked(case, "--draws", "400", "--report", str(page)).stdout
    for words in ("there is war: ", "peace 4", "standard error", "kept from before", "MB of memory"):
        assert words in shown
    assert "How likely each outcome is" in page.read_text(encoding="utf-8")
    assert "400 draws solved in " in asked(case, "--draws", "400", "--no-store").stdout


@pytest.mark.filterwarnings("default")  # of the libraries beneath, in threads of theirs
def test_a_cluster_gives_the_same_bytes() -> None:
    case = detente.loads(CRISIS, "demand.yaml")
    with detente.Cluster("local:2") as cluster:
        there = detente.sweep(case, draws=16_500, executor=cluster)
    assert encode(there) == encode(detente.sweep(case, draws=16_500, workers=1))
    assert there.draws == 16_500
