"""Sweeps: the numbers of `run` from draws of which none is kept, wherever they are solved, stopped or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pytest

import detente
from detente.engine.executors import wire
from detente.engine.executors.local import Piece
from detente.engine.executors.processes import Processes
from detente.engine.store.codec import encode
from detente.engine.store.store import Store
from detente.study.questions.sweep import Swept
from tests.study.structures import CRISIS, RIVAL

BATCH, BATCHES = 20, 2
SPAN = BATCH * BATCHES
UNTOLD = """  if_it_comes: {holds: "P(reply is resist given demand is demand) > P(outcome is war) + 0.1"}
  worth_it: {holds: "E(A) > 0.2 and E(A.cost) < 0.5 * E(B.cost)"}
  forced: {holds: "P(outcome is war | do(demand is demand)) > P(outcome is war)"}
  never: {holds: "P(outcome is war given outcome is gain and fight is war) < 0.5"}
statics:
"""
SEEN = CRISIS.replace(
    "unit: stake, mechanism: ruin}", "unit: stake, mechanism: ruin, seen_by: {A: cost * (0.3 to 0.9)}}"
)
MORE = CRISIS.replace("statics:\n", UNTOLD).replace(
    "there is war}", "there is war, groups: {peace: [quiet, gain], rest: otherwise}}"
)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detente.engine.engine.LARGEST_BATCH", BATCH)
    monkeypatch.setattr("detente.study.questions.sweep.BATCHES", BATCHES)


@pytest.fixture(scope="module")
def model() -> detente.Model:
    return detente.loads(MORE, "demand.yaml")


class Elsewhere:
    """An executor that sends each piece away as bytes, and works on what comes of them."""

    def __init__(self) -> None:
        self.sent: list[int] = []

    def run(self, work: Iterable[Callable[[], Any]]) -> Iterator[Any]:
        trees: dict[str, Any] = {}
        for piece in work:
            trip = piece.away() if isinstance(piece, Piece) else None
            if trip is None:
                yield piece()
                continue
            sent = [wire.packed(part, trees) for part in (trip.work, trip.args)]
            for name in (name for part in sent for name in part.trees):
                wire.take(wire.tree_of(trees[name]))
            self.sent.append(sum(len(part.raw) for part in sent))
            found = wire.back(wire.work_there(*sent, wire.same(), "here"))
            yield trip.then(found)


def bare(found: Swept) -> bytes:
    return encode(found)


def agree(found: Swept, study: detente.Study) -> None:
    """The numbers of a run, percentiles within what is told."""

    def near(d: Any, f: detente.Finding) -> None:
        assert d.draws == f.draws
        assert d.value == pytest.approx(f.value, abs=1e-12, nan_ok=True)
        assert d.error == pytest.approx(f.error, abs=1e-12, nan_ok=True)
        for mine, theirs in ((d.low, f.low), (d.high, f.high)):
            assert mine == pytest.approx(theirs, abs=d.within * (1 + 1e-9) + 1e-15, nan_ok=True)

    assert found.draws == study.n
    assert found.outcomes.keys() == study.outcomes.keys()
    for name, f in study.outcomes.items():
        near(found.outcomes[name], f)
        median = float(np.median(study.outcome_draws(name)))
        assert found.outcomes[name].median == pytest.approx(median, abs=found.outcomes[name].within + 1e-15)
    assert study.answer
    assert found.answer
    near(found.answer.value, study.answer.value)
    assert found.answer.unjudged == study.answer.unjudged
    assert found.answer.groups.keys() == study.answer.groups.keys()
    for name, f in study.answer.groups.items():
        near(found.answer.groups[name], f)
    for name, verdict in study.claims.items():
        mine = found.claims[name]
        assert (mine.unjudged, mine.share.draws, mine.words) == (verdict.unjudged, verdict.share.draws, verdict.words)
        for one, other in ((mine.share, verdict.share), *_sides(mine, verdict)):
            for what in ("value", "low", "high", "error"):
                wide = 2e-4 * max(1.0, abs(other.value)) if what in ("low", "high") else 1e-12
                assert getattr(one, what) == pytest.approx(getattr(other, what), abs=wide, nan_ok=True), (name, what)
        for c, d in zip(mine.comparisons, verdict.comparisons, strict=True):
            assert (c.says, c.draws, c.on_average, c.at_odds) == (d.says, d.draws, d.on_average, d.at_odds)
    for (mechanism, outcome), f in study.mechanisms.items():
        assert found.mechanisms[mechanism][outcome] == pytest.approx(f.value, abs=1e-12)
    for way, f in study.ways.items():
        assert found.ways[way.outcome][str(way)] == pytest.approx(f.value, abs=1e-12)
    certified = found.certificate
    assert certified.converged == pytest.approx(float(study.converged.mean()))
    assert certified.max_residual == study.residual.max()
    assert list(certified.max_gain.values()) == study.gain.max(axis=1).tolist()
    assert sum(found.statuses.values()) == study.n


def _sides(mine: Any, theirs: Any) -> Iterator[tuple[detente.Finding, detente.Finding]]:
    for c, d in zip(mine.comparisons, theirs.comparisons, strict=True):
        yield from ((c.left.mean, d.left.mean), (c.right.mean, d.right.mean))


@pytest.mark.parametrize(
    ("text", "how"),
    [(MORE, {}), (MORE.replace("statics:", "  x: {holds: P(outcome is gain) > 2}\nstatics:"), {"method": "limit"}),
     (CRISIS + RIVAL, {}), (SEEN, {"perception": "private"})],
    ids=["plain", "limit", "structures", "private"],
)  # fmt: skip
def test_a_sweep_says_what_a_run_of_the_same_draws_says(text: str, how: dict[str, Any]) -> None:
    case = detente.loads(text, "demand.yaml")
    n = 4 * SPAN + 51
    agree(detente.sweep(case, draws=n, seed=3, **how), detente.run(case, draws=n, seed=3, **how))


def test_what_cannot_be_judged_is_counted(model: detente.Model) -> None:
    claims = detente.sweep(model, draws=SPAN + 7).claims
    assert claims["never"].unjudged == SPAN + 7
    assert claims["never"].words == "cannot be judged"
    assert claims["war_unlikely"].unjudged == 0


def test_the_bytes_are_the_same_wherever_spans_are_solved(model: detente.Model) -> None:
    n = 3 * SPAN + 33
    plain, elsewhere = bare(detente.sweep(model, draws=n, workers=1)), Elsewhere()
    assert bare(detente.sweep(model, draws=n, executor=elsewhere)) == plain
    assert len(elsewhere.sent) == 4
    assert max(elsewhere.sent) < 12_000, "no draws are sent, but which they are"
    assert bare(detente.sweep(model, draws=n, executor=Processes(2))) == plain
    assert bare(detente.sweep(model, draws=n, executor=elsewhere, store=Store())) == plain
    assert bare(detente.sweep(model, draws=n, executor=elsewhere, store=Store())) == plain
    assert len(elsewhere.sent) == 8, "what is kept is not sent"
    assert bare(detente.sweep(model, draws=n, seed=2)) != plain


@pytest.fixture
def solved(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many draws are really drawn for spans, in order."""
    from detente.draws.sampler import Sampler

    draw, counts = Sampler.draw, list[int]()

    def counted(self: Sampler, n: int, *rest: Any) -> Any:
        counts.append(n)
        return draw(self, n, *rest)

    monkeypatch.setattr(Sampler, "draw", counted)
    return counts


def files() -> list[tuple[int, int]]:
    """What is kept of sweeps, in spans."""
    found = (path.stem.split("-")[:2] for path in Store().folder.rglob("*.read"))
    return sorted((int(start), int(stop)) for start, stop in found)


def test_a_sweep_that_is_stopped_goes_on_and_one_of_more_draws_begins_with_it(
    model: detente.Model, solved: list[int]
) -> None:
    def stop(done: int, _: int) -> None:
        if done >= 4.5 * SPAN:
            raise KeyboardInterrupt

    n = 7 * SPAN + 33
    plain = bare(detente.sweep(model, draws=n))
    first = detente.sweep(model, draws=n, store=Store(), progress=stop)
    assert first.interrupted
    assert (first.draws, first.asked) == (4 * SPAN, n)
    assert bare(first) == bare(detente.sweep(model, draws=n, progress=stop))
    assert files() == [(0, 4 * SPAN)]
    solved.clear()
    second = detente.sweep(model, draws=n, store=Store())
    assert solved == [SPAN, SPAN, SPAN, 33]
    assert second.took.solved == 3 * SPAN + 33
    assert bare(second) == plain
    tops = [(0, 4 * SPAN), (4 * SPAN, 6 * SPAN), (6 * SPAN, 7 * SPAN), (7 * SPAN, n)]
    assert files() == tops
    solved.clear()
    assert bare(detente.sweep(model, draws=n, store=Store())) == plain
    assert solved == []
    more = detente.sweep(model, draws=9 * SPAN, store=Store())
    assert solved == [SPAN, SPAN]
    assert bare(more) == bare(detente.sweep(model, draws=9 * SPAN))
    assert (0, 8 * SPAN) in files()
    with pytest.raises(KeyboardInterrupt):
        detente.sweep(model, draws=n, progress=lambda *_: stop(n, n))


@pytest.mark.parametrize("harm", ["gone", "cut", "another"])
def test_what_is_harmed_is_solved_again(model: detente.Model, harm: str) -> None:
    n = 6 * SPAN
    plain = bare(detente.sweep(model, draws=n, store=Store()))
    assert files() == [(0, 4 * SPAN), (4 * SPAN, n)]
    (path,) = Store().folder.rglob(f"{4 * SPAN:08d}-*.read")
    told: list[str] = []
    if harm == "gone":
        path.unlink()
    elif harm == "cut":
        path.write_bytes(path.read_bytes()[:-9])
    else:  # of other draws, with a name that fits its bytes
        (other,) = Store().folder.rglob("00000000-*.read")
        path.unlink()
        path.with_name(other.name.replace(other.stem[:17], path.stem[:17])).write_bytes(other.read_bytes())
    assert bare(detente.sweep(model, draws=n, store=Store(tell=told.append))) == plain
    assert (harm != "gone") == any("damaged" in said for said in told)
    assert files() == [(0, 4 * SPAN), (4 * SPAN, n)]


def test_a_day_cannot_be_swept_and_it_is_said_what_can(model: detente.Model) -> None:
    with pytest.raises(detente.QuestionError, match=r"`sweep` takes no as_of: .*`detente run --as-of`"):
        detente.sweep(model, as_of="2022-01-20")
    updated = model.model_copy()
    updated._updated = object()
    with pytest.raises(detente.QuestionError, match=r"as of a day.*\n    ask `run`"):
        detente.sweep(updated)
