"""Draws on a cluster: the bytes of one process, whatever happens to workers and schedulers meanwhile.

Workers and schedulers are processes of their own, so that they can be killed; all in this file share few of them.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import detente
from detente.engine.engine import Engine
from detente.engine.executors import cluster as executor
from detente.engine.executors import wire
from detente.engine.executors.cluster import Cluster
from detente.engine.executors.local import Piece, Trip
from detente.engine.executors.processes import Processes
from detente.engine.store.codec import encode
from detente.engine.store.store import Store
from detente.errors import DetenteError
from detente.game.compile import compile_model
from tests.engine.demand import BATCH, same
from tests.engine.machines import Machines, in_group, kill, lives
from tests.present.test_interrupts import LINE, begun, pressed
from tests.present.test_outputs import MODEL
from tests.study.structures import CRISIS, RIVAL

pytestmark = pytest.mark.filterwarnings("default")  # of the libraries beneath, in threads of theirs


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    found = Machines(tmp_path_factory.mktemp("machines"))
    found.work()
    found.work()
    yield found
    found.end()


@pytest.fixture
def cluster(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    monkeypatch.setattr("detente.engine.engine.LARGEST_BATCH", BATCH)
    monkeypatch.setattr(executor, "ANSWERS", 60.0)
    with Cluster(machines.address) as found:
        yield found


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of what is given out."""
    keys: list[str] = []
    send = executor._Crew._send

    def noted(self: Any, job: Any, missing: wire.Missing | None = None) -> None:
        if missing is None:
            keys.append(job.key)
        send(self, job, missing)

    monkeypatch.setattr(executor._Crew, "_send", noted)
    return keys


def once(seconds: float, what: Callable[[], object]) -> threading.Thread:
    """Do something in so many seconds."""
    found = threading.Timer(seconds, what)
    found.daemon = True
    found.start()
    return found


def slow(seconds: float, x: int) -> tuple[int, int]:
    time.sleep(seconds)
    return x * x, os.getpid()


def pieces(n: int, seconds: float = 0.0) -> list[Piece[int]]:
    """Squares, worked out elsewhere; never here."""

    def here() -> int:
        raise AssertionError("done here")

    def trip(x: int) -> Trip[int]:
        return Trip(_slow(seconds), (x,), lambda back: int(back[0]))

    return [Piece(here, lambda x=x: trip(x)) for x in range(n)]  # type: ignore[misc]


def _slow(seconds: float, known: dict[float, Any] = {}) -> Any:  # noqa: B006 (one object for all pieces)
    return known.setdefault(seconds, partial(slow, seconds))


SQUARES = [x * x for x in range(12)]


def test_a_run_is_the_same_to_the_byte(cluster: Cluster, model: detente.Model, there: list[str]) -> None:
    for seen in ("common", "private"):
        here = detente.run(model, draws=500, perception=seen, workers=1)
        same(detente.run(model, draws=500, perception=seen, executor=cluster), here)
    assert len(set(there)) == 6  # three batches of each


def test_so_are_the_questions_that_solve_again(cluster: Cluster, model: detente.Model, there: list[str]) -> None:
    asked: list[Callable[..., Any]] = [
        lambda **how: detente.tip(model, "cost", points=7, draws=450, **how),
        lambda **how: detente.design(model, "answer" if model.answer else "standoff", draws=900, **how),
        lambda **how: detente.what_if(model, ["set hazard=0.02"], draws=450, **how),
        lambda **how: detente.sense(model, draws=450, **how),
    ]
    for ask in asked:
        before = len(there)
        assert pickle.dumps(ask(executor=cluster)) == pickle.dumps(ask(workers=1))
        assert len(there) > before


def test_so_are_rival_structures_and_edits(cluster: Cluster, there: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def forked(*_: object) -> None:
        raise AssertionError("processes were forked beside a client")

    monkeypatch.setattr(Processes, "run", forked)
    rivals = detente.loads(CRISIS + RIVAL, "rivals.yaml")
    asked: list[tuple[int, Callable[..., Any]]] = [
        (3, lambda **how: detente.run(rivals, draws=450, **how).claims),
        (7, lambda **how: detente.sense(rivals, draws=450, **how)),
        (6, lambda **how: detente.statics(rivals, draws=450, **how)),
        (20, lambda **how: encode(detente.redteam(rivals, draws=50, **how))),
    ]
    for least, ask in asked:
        before = len(there)
        assert pickle.dumps(ask(executor=cluster)) == pickle.dumps(ask(workers=1))
        assert len(there) - before >= least


def test_edits_that_were_tried_before_an_interruption_are_found_again(cluster: Cluster, there: list[str]) -> None:
    def stop(done: int, _: int) -> None:
        if done >= 4:
            raise KeyboardInterrupt

    rivals = detente.loads(CRISIS + RIVAL, "rivals.yaml")
    first = detente.redteam(rivals, draws=50, store=Store(), executor=cluster, progress=stop)
    assert (first.interrupted, len(first.edits)) == (True, 4)
    known = len(there)
    found = detente.redteam(rivals, draws=50, store=Store(), executor=cluster)
    assert known > 4
    assert len(there) - known == len(found.edits) - 4
    assert encode(found) == encode(detente.redteam(rivals, draws=50, workers=1))


def test_a_compiled_model_travels_once_to_each_worker(
    cluster: Cluster, model: detente.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, str]] = []
    carried = executor._Crew._carried

    def noted(self: Any, job: Any, missing: wire.Missing) -> list[str]:
        found: list[str] = carried(self, job, missing)
        sent.extend((tree, missing.process) for tree in found)
        return found

    monkeypatch.setattr(executor._Crew, "_carried", noted)
    other = model.model_copy(update={"title": "A demand that no worker knows"})
    blueprint = compile_model(other)
    engine = Engine("common", executor=cluster)
    for _ in range(3):
        for _ in engine.solve(blueprint, blueprint.sampler.draw(900, 5)):
            pass
    assert {process for _, process in sent}
    assert len({tree for tree, _ in sent}) == 1
    assert len(sent) == len(set(sent))


def test_what_is_kept_is_found_again_and_nothing_is_solved_twice(
    cluster: Cluster, model: detente.Model, there: list[str]
) -> None:
    store = Store()
    first = detente.run(model, draws=900, store=store, executor=cluster)
    assert (store.solved, store.reused) == (900, 0)
    given = len(there)
    again = Store()
    same(detente.run(model, draws=900, store=again, workers=1), first)
    assert (again.solved, again.reused) == (0, 900)
    more = Store()
    detente.run(model, draws=1400, store=more, executor=cluster)
    assert (more.solved, more.reused) == (500, 900)
    assert len(there) - given == 2  # a batch that is half known is finished here, and nothing known is sent


def test_what_is_solved_before_an_interruption_is_found_again(cluster: Cluster, model: detente.Model) -> None:
    def stop(done: int, _: int) -> None:
        if done >= 400:
            raise KeyboardInterrupt

    store = Store()
    study = detente.run(model, draws=1800, seed=9, store=store, executor=cluster, progress=stop)
    assert study.interrupted
    assert study.n == store.kept == 400
    again = Store()
    same(detente.run(model, draws=1800, seed=9, store=again, executor=cluster), detente.run(model, draws=1800, seed=9))
    assert again.reused == 400


def test_what_a_piece_raises_is_raised_here(cluster: Cluster) -> None:
    work = _slow(0.0)
    wrong = [Piece(lambda: 0, lambda: Trip(work, ("no number",), int)) for _ in range(3)]
    with pytest.raises(TypeError, match="can't multiply"):
        list(cluster.run(wrong))


@pytest.mark.usefixtures("cluster")
def test_two_users_share_a_scheduler_and_its_work(machines: Machines, model: detente.Model) -> None:
    found: dict[int, detente.Study] = {}

    def ask(k: int, seed: int) -> None:
        with Cluster(machines.address) as mine:
            found[k] = detente.run(model, draws=900, seed=seed, executor=mine)

    users = [threading.Thread(target=ask, args=(k, seed)) for k, seed in enumerate((3, 3, 4))]
    for user in users:
        user.start()
    for user in users:
        user.join()
    for k, seed in enumerate((3, 3, 4)):
        same(found[k], detente.run(model, draws=900, seed=seed, workers=1))


def test_workers_that_are_killed_lose_nothing(machines: Machines, cluster: Cluster) -> None:
    victims = [machines.work(), machines.work()]
    cluster.client().wait_for_workers(4)
    killed = [once(0.2 + 0.2 * k, partial(kill, victim)) for k, victim in enumerate(victims)]
    assert list(cluster.run(pieces(12, 0.15))) == SQUARES
    for timer in killed:
        timer.join()
    assert not any(map(lives, victims))


def test_a_worker_that_stands_still_delays_nobody(
    machines: Machines, cluster: Cluster, there: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor, "LATE", 0.6)
    still = machines.work()
    cluster.client().wait_for_workers(3)
    once(0.2, lambda: os.kill(still, signal.SIGSTOP))
    assert list(cluster.run(pieces(12, 0.1))) == SQUARES
    assert len(there) > len(set(there)) == 12  # some were given out twice
    kill(still)


def test_a_scheduler_that_is_started_again_is_gone_on_with(machines: Machines, cluster: Cluster) -> None:
    def restart() -> None:
        kill(machines.scheduler)
        machines.serve()
        machines.work()
        machines.work()

    begun = time.monotonic()
    run = cluster.run(pieces(12, 0.25))
    found = [next(run), next(run)]
    restart()
    assert [*found, *run] == SQUARES
    assert time.monotonic() - begun < executor.RETURNS


def test_a_scheduler_that_is_lost_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executor, "ANSWERS", 0.5)
    with pytest.raises(detente.QuestionError, match="no scheduler answers at tcp://127"):
        list(Cluster("tcp://127.0.0.1:1").run(pieces(2)))


@pytest.mark.skipif(sys.platform == "win32", reason="a group of processes is interrupted as one")
def test_after_an_interrupt_nothing_is_lost_and_no_process_left(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(MODEL)
    store = tmp_path / "store"
    env = {**os.environ, "DETENTE_STORE": str(store)}
    process = begun("run", "m.yaml", "-n", "10000000", "--cluster", "local:1", "--json", cwd=tmp_path, env=env)
    while not list(store.rglob("*.batch")):
        assert process.poll() is None
        time.sleep(0.05)
    _, err = pressed(process, group=True)
    assert err == f"{LINE}what was solved is kept, and the same command goes on from there\n"
    until = time.monotonic() + 20
    while in_group(process.pid):
        assert time.monotonic() < until
        time.sleep(0.1)


@pytest.mark.parametrize("where", ["", "local", "local:0", "local:two", "127.0.0.1:8786"])
def test_what_says_no_cluster_is_told(where: str) -> None:
    with pytest.raises(detente.QuestionError, match="write tcp://HOST:PORT"):
        Cluster(where)


def test_other_code_on_a_worker_is_refused(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "same", lambda: "another version")
    with pytest.raises(DetenteError, match="has other code or libraries"):
        list(cluster.run(pieces(3)))


def test_one_piece_alone_is_done_here() -> None:
    def nowhere() -> None:
        raise AssertionError("sent")

    assert list(Cluster("tcp://127.0.0.1:1").run([Piece(lambda: 5, nowhere)])) == [5]
