"""Joint draws: reproducible, prefixes of each other, paired between variants; and what each actor sees."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from detente.draws.memory import Memory
from detente.draws.sampler import Draws, Sampler
from detente.draws.streams import spread, stream
from detente.errors import ModelError
from detente.language import ranks
from detente.model.load import changed, define, load, loads
from detente.model.schema import Model
from tests.study.structures import CRISIS, RIVAL

N = 4000
CASES = sorted((Path(__file__).parents[2] / "src/detente/cases").glob("*.yaml"))


def model(quantities: dict[str, Any], **more: Any) -> Model:
    names = " + ".join(quantities)
    parts = {
        "title": "Two moves",
        "actors": {"A": "", "B": ""},
        "quantities": quantities,
        "stages": {"s": {"actor": "A", "moves": ["x", "y"]}},
        "outcomes": {"end": "otherwise"},
        "payoffs": {"A": {"all": names or "0"}},
    }
    return define(**{**parts, **more})


def draw(quantities: dict[str, Any], n: int = N, seed: int = 1, fixed: Any = None, **more: Any) -> Draws:
    return Sampler(model(quantities, **more)).draw(n, seed, fixed)


MANY: dict[str, Any] = {
    "a": "0.5 to 2",
    "b": {"value": "0.1 to 0.4", "unit": "probability"},
    "c": "2 * a + (1 to 3) - normal(0, 0.1)",
    "d": {"value": {"mixture": {"0.1 to 1": 0.7, "2 to 5": 0.3}}},
    "e": {"value": {"choice": {0: 0.25, 1: 0.75}}},
    "f": {"value": "1 to 2", "seen_by": {"B": "f * (0.2 to 0.9)"}},
    "g": "f ** 2 + b",
    "h": "normal((1 to 2), (0.1 to 0.2))",
}
RANKS = [{"between": ["a", "b", "f"], "rank": 0.5}]


def test_first_draws_do_not_depend_on_how_many_follow() -> None:
    few, more = draw(MANY, 100, correlations=RANKS), draw(MANY, 1000, correlations=RANKS)
    for name in MANY:
        assert (few.truth[name] == more.truth[name][:100]).all(), name
    for name, seen in few.views["B"].items():
        assert (seen == more.views["B"][name][:100]).all(), name


def joined(model: Model, cuts: Sequence[int], seed: int) -> Draws:
    """The draws of a model, drawn by spans with one sampler, in an order that is not theirs."""
    sampler, spans = Sampler(model), list(pairwise(cuts))
    parts = {start: sampler.since(start).draw(stop - start, seed) for start, stop in reversed(spans)}
    return Draws.joined([parts[start] for start, _ in spans])


def same(one: Draws, other: Draws) -> bool:
    views = {actor: dict(seen) for actor, seen in other.views.items()}
    return all(np.array_equal(one.truth[name], other.truth[name]) for name in other.truth) and all(
        np.array_equal(one.views[actor][name], values) for actor, seen in views.items() for name, values in seen.items()
    )


@pytest.mark.parametrize("cuts", [(0, 1, 2, 3, 4, 5, 9, 200), (0, 63, 64, 199, 200), (0, 97, 200)])
def test_a_stream_can_be_drawn_from_any_of_its_numbers_on(cuts: tuple[int, ...]) -> None:
    whole, even = stream("cost", 200, 7), spread("cost", 200, 7, 1, 3)
    for start, stop in pairwise(cuts):
        assert np.array_equal(stream("cost", stop - start, 7, start), whole[start:stop])
        assert np.array_equal(spread("cost", stop - start, 7, 1, 3, start), even[start:stop])
    found = joined(model(MANY, correlations=RANKS), cuts, 7)
    assert same(found, draw(MANY, 200, 7, correlations=RANKS))
    assert found.views["B"].keys() == {"f", "g"}


@pytest.mark.parametrize("case", [path.stem for path in CASES])
def test_spans_of_every_case_are_the_whole_to_the_bit(case: str) -> None:
    crisis = load(case)
    assert same(joined(crisis, (0, 1, 6, 64, 151), 3), Sampler(crisis).draw(151, 3))


def test_spans_draw_structures_as_the_whole_does() -> None:
    crisis = loads(CRISIS + RIVAL, "rivals.yaml")
    found, whole = joined(crisis, (0, 5, 30, 77), 2), Sampler(crisis).draw(77, 2)
    assert same(found, whole)
    assert 0 < whole.truth["seizing"].sum() < 77


def test_what_is_no_number_is_told_by_the_number_of_the_whole_draw() -> None:
    poles = model({"a": "uniform(0, 1)", "b": "log(a - 0.02)"})
    with pytest.raises(ModelError) as whole:
        Sampler(poles).draw(400, 1)
    (first,) = re.findall(r"first in draw (\d+)", str(whole.value))
    assert int(first) > 3
    with pytest.raises(ModelError, match=f"first in draw {first}$|first in draw {first}\\D"):
        Sampler(poles).since(int(first) - 3).draw(10, 1)


def test_formulas_are_lowered_once_for_all_spans_and_numbers_are_not_kept() -> None:
    sampler = Sampler(model(MANY))
    sampler.draw(50, 1)
    lowered = {key: found for key, found in sampler.memory.known.items() if "lowered" in key}
    assert lowered
    later = sampler.since(50)
    later.draw(50, 1)
    assert all(later.memory.known[key] is found for key, found in lowered.items())
    assert len(sampler.memory.parts) == len(later.memory.parts) == 1


def test_seeds() -> None:
    first, again, other = draw(MANY), draw(MANY), draw(MANY, seed=2)
    for name in MANY:
        assert (first.truth[name] == again.truth[name]).all()
        assert (first.truth[name] != other.truth[name]).any()
        if name != "e":
            assert abs(np.corrcoef(first.truth[name], other.truth[name])[0, 1]) < 0.06


def test_parts_are_cut_out_of_the_whole() -> None:
    whole = draw(MANY, 50)
    part = whole.part(10, 70)
    assert part.n == 40
    assert (part.truth["g"] == whole.truth["g"][10:]).all()
    assert (part.seen_by("B")["g"] == whole.seen_by("B")["g"][10:]).all()


def test_another_quantity_leaves_the_others_alone() -> None:
    first, second = draw(MANY), draw({"new": "1 to 2", **MANY})
    for name in MANY:
        assert (first.truth[name] == second.truth[name]).all(), name


def test_another_correlation_leaves_the_others_alone() -> None:
    more = {**MANY, "y": "1 to 2", "z": "1 to 2"}
    first, second = draw(more), draw(more, correlations=[{"between": ["y", "z"], "rank": 0.8}])
    for name in MANY:
        assert (first.truth[name] == second.truth[name]).all(), name


@pytest.mark.parametrize("correlations", [[], RANKS])
def test_a_fixed_quantity_leaves_the_others_alone(correlations: list[Any]) -> None:
    first, second = draw(MANY, correlations=correlations), draw(MANY, fixed={"a": 1.5}, correlations=correlations)
    assert (second.truth["a"] == 1.5).all()
    for name in set(MANY) - {"a", "c"}:
        assert (first.truth[name] == second.truth[name]).all(), name
    assert second.truth["c"] - first.truth["c"] == pytest.approx(3.0 - 2 * first.truth["a"])


def test_a_changed_quantity_leaves_the_others_alone() -> None:
    base = model(MANY)
    first, second = Sampler(base).draw(N, 1), Sampler(changed(base, {"a": "5 to 6"})).draw(N, 1)
    for name in set(MANY) - {"a", "c"}:
        assert (first.truth[name] == second.truth[name]).all(), name
    ranks = stats.spearmanr(first.truth["a"], second.truth["a"]).statistic
    assert ranks == pytest.approx(1.0), "the same stream of chance, another range"


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -1.0])
def test_a_precision_is_a_finite_number_that_is_not_negative(value: float) -> None:
    quantities = {"sharp": {"value": "2 to 12", "role": "precision", "seen_by": {"A": "sharp * 2"}}}
    for fixed in ({"sharp": value}, {"sharp seen by A": np.array([1.0, 2.0, value])}):
        with pytest.raises(ModelError, match="a precision is a finite number that is not negative"):
            draw(quantities, 3, fixed=fixed)
    with pytest.raises(ModelError, match="not a number in 3 of 3 draws"):
        draw({"sharp": {"value": "1e300 * 1e300", "role": "precision"}}, 3)


def test_what_is_fixed_may_vary_over_draws() -> None:
    values = np.linspace(0, 1, 30)
    fixed = draw(MANY, 30, fixed={"b": values})
    assert (fixed.truth["b"] == values).all()
    assert (fixed.truth["g"] == fixed.truth["f"] ** 2 + values).all()


def test_quantiles_of_intervals() -> None:
    drawn = draw({"a": "0.5 to 2", "b": {"value": "0.1 to 0.4", "unit": "probability"}, "c": "-1 to 3"}, 20_000).truth
    for name, ends in {"a": (0.5, 2), "b": (0.1, 0.4), "c": (-1, 3)}.items():
        assert np.mean(drawn[name] < ends[0]) == pytest.approx(0.05, abs=0.006)
        assert np.mean(drawn[name] > ends[1]) == pytest.approx(0.05, abs=0.006)


def test_a_quantity_is_drawn_once() -> None:
    drawn = draw({"x": "1 to 2", "y": "x * x", "z": "x - x"}).truth
    assert (drawn["y"] == drawn["x"] ** 2).all()
    assert (drawn["z"] == 0).all()


def test_each_interval_is_a_source_of_its_own() -> None:
    drawn = draw({"x": "(1 to 2) - (1 to 2)", "y": "1 to 2", "z": "1 to 2"}).truth
    assert drawn["x"].std() > 0.3
    assert abs(np.corrcoef(drawn["y"], drawn["z"])[0, 1]) < 0.06


def test_sources_inside_sources_are_independent() -> None:
    """The spread of `0 + normal(m, s)` with uncertain m is that of both together."""
    drawn = draw({"x": "0 + normal(normal(0, 1), 1)", "y": "normal(0, 1)"}, 20_000).truth
    assert drawn["x"].std() == pytest.approx(np.sqrt(2), abs=0.03)
    three = draw({"x": "1 * normal(normal(0, 1) + normal(0, 1), 1)"}, 20_000).truth["x"]
    assert three.std() == pytest.approx(np.sqrt(3), abs=0.04)


def test_mixtures_and_choices() -> None:
    drawn = draw(
        {"d": MANY["d"], "e": MANY["e"], "n": {"value": {"mixture": {"100 + normal(0, 1)": 0.2, "0": 0.8}}}}, 20_000
    ).truth
    assert np.mean(drawn["e"]) == pytest.approx(0.75, abs=0.01)
    assert set(np.unique(drawn["e"])) == {0.0, 1.0}
    assert np.mean(drawn["n"] > 50) == pytest.approx(0.2, abs=0.01)
    high = drawn["n"][drawn["n"] > 50]
    assert high.std() == pytest.approx(1.0, abs=0.05), "which part is drawn says nothing of where in it"
    assert np.mean(drawn["d"] < np.sqrt(2)) == pytest.approx(0.7 * 0.98 + 0.3 * 0.0, abs=0.03)


def test_shares_stay_between_0_and_1() -> None:
    part = {"value": {"mixture": {"0.1 to 0.3": 0.5, "0.9 to 0.99": 0.5}}, "unit": "share"}
    drawn = draw({"a": {"value": "normal(0.5, 1)", "unit": "probability"}, "b": part})
    for name in ("a", "b"):
        assert ((drawn.truth[name] >= 0) & (drawn.truth[name] <= 1)).all()
    assert drawn.truth["b"].max() < 1, "a part of a mixture of shares is logit-normal too"


@pytest.mark.parametrize("rank", [-0.8, -0.3, 0.0, 0.5, 0.95])
def test_rank_correlations_are_achieved(rank: float) -> None:
    drawn = draw(
        {"a": "0.5 to 20", "b": {"value": "beta(0.5, 0.5)"}},
        20_000,
        correlations=[{"between": ["a", "b"], "rank": rank}],
    ).truth
    assert stats.spearmanr(drawn["a"], drawn["b"]).statistic == pytest.approx(rank, abs=0.02)
    alone = draw({"a": "0.5 to 20"}, 20_000).truth["a"]
    assert np.quantile(drawn["a"], [0.1, 0.5, 0.9]) == pytest.approx(np.quantile(alone, [0.1, 0.5, 0.9]), rel=0.06)


@pytest.mark.parametrize("rank", [-0.6, 0.2, 0.5])
def test_rank_correlations_of_two_valued_quantities_are_achieved_with_ties(rank: float) -> None:
    quantities = {"a": "bernoulli(0.3)", "b": "0.5 to 20", "c": "bernoulli(0.6)"}
    for one, other in (("a", "b"), ("b", "c"), ("a", "c")):
        drawn = draw(quantities, 40_000, correlations=[{"between": [one, other], "rank": rank}]).truth
        assert stats.spearmanr(drawn[one], drawn[other]).statistic == pytest.approx(rank, abs=0.02)
    assert drawn["a"].mean() == pytest.approx(0.3, abs=0.01)


def test_a_rank_correlation_beyond_reach_is_refused_with_what_there_can_be() -> None:
    quantities = {"a": "bernoulli(0.5)", "b": "1 to 2"}
    with pytest.raises(ModelError, match=r"0\.95 between a and b cannot be(.|\n)*between -0\.87 and 0\.87"):
        draw(quantities, correlations=[{"between": ["a", "b"], "rank": 0.95}])
    assert ranks.reach((0.5, 0.5), ()) == pytest.approx((-np.sqrt(0.75), np.sqrt(0.75)), abs=1e-6)
    assert ranks.reach((0.5, 0.5), (0.5, 0.5)) == pytest.approx((-1, 1), abs=1e-6)
    assert ranks.latent(0.5) == 2 * np.sin(np.pi / 12)


@pytest.mark.parametrize("rank", [-0.8, -0.3, 0.6])
@pytest.mark.parametrize("odds", [{1: 0.25, 2: 0.25, 5: 0.5}, {5: 0.5, 1: 0.25, 2: 0.25}, {-1: 0.4, 1: 0.6, 9: 0}])
def test_rank_correlations_of_choices_are_achieved_with_ties(rank: float, odds: dict[float, float]) -> None:
    quantities = {"k": {"value": {"choice": odds}}, "c": "uniform(0, 1)", "b": "bernoulli(0.4)"}
    alike = {"value": {"choice": {0: 0.3, 1: 0.2, 2: 0.3, 3: 0.2}}}
    for other, value in (("c", "uniform(0, 1)"), ("m", alike)):
        drawn = draw({**quantities, other: value}, 2_000, correlations=[{"between": ["k", other], "rank": rank}]).truth
        found = stats.spearmanr(drawn["k"], drawn[other]).statistic
        assert found == pytest.approx(rank, abs=0.02 if rank == 0.6 else 0.05)  # it varies by 0.02 at a rank of 0.3
        for number, p in odds.items():
            assert (drawn["k"] == number).mean() == pytest.approx(p, abs=0.04)
        many = draw({**quantities, other: value}, 40_000, correlations=[{"between": ["k", other], "rank": rank}]).truth
        assert stats.spearmanr(many["k"], many[other]).statistic == pytest.approx(rank, abs=0.01)


def test_the_largest_rank_correlation_with_a_choice_is_that_of_the_same_order() -> None:
    quantities = {"k": {"value": {"choice": {5: 0.5, 1: 0.25, 2: 0.25}}}, "c": "1 to 2"}
    u = (np.arange(100_000) + 0.5) / 100_000
    most = stats.spearmanr(np.searchsorted([0.25, 0.5], u), u).statistic
    with pytest.raises(ModelError, match=rf"a few values only, and ties: it lies between -{most:.2f} and {most:.2f}"):
        draw(quantities, correlations=[{"between": ["k", "c"], "rank": 0.99}])
    draw(quantities, correlations=[{"between": ["k", "c"], "rank": float(most) - 1e-4}])


def test_a_choice_that_is_none_or_of_very_many_is_told() -> None:
    many = {"value": {"choice": dict.fromkeys(range(50), 1 / 50)}}
    with pytest.raises(ModelError, match="chooses between 50 values, too many to be correlated"):
        draw({"k": many, "c": "1 to 2"}, correlations=[{"between": ["k", "c"], "rank": 0.5}])
    mixed = {"value": {"mixture": {"0 to 1": 0.5, "2 to 3": 0.5}}}
    with pytest.raises(ModelError, match="not one uncertain number"):
        draw({"k": mixed, "c": "1 to 2"}, correlations=[{"between": ["k", "c"], "rank": 0.5}])


def test_perfect_correlation() -> None:
    drawn = draw({"a": "1 to 2", "b": "1 to 2"}, correlations=[{"between": ["a", "b"], "rank": 1.0}]).truth
    assert drawn["a"] == pytest.approx(drawn["b"])


def test_perceptions() -> None:
    quantities = {
        "f": {"value": "1 to 2", "seen_by": {"B": "f * (0.2 to 0.9)"}},
        "g": "2 * f",
        "h": {"value": "g + 1", "seen_by": {"A": "h - 1"}},
        "i": "g + h",
        "j": "3 to 4",
    }
    drawn = draw(quantities)
    truth, a, b = drawn.truth, drawn.seen_by("A"), drawn.seen_by("B")
    assert (a["f"] == truth["f"]).all()
    assert (b["f"] < truth["f"]).mean() > 0.9
    assert b["g"] == pytest.approx(2 * b["f"]), "what is made of it is seen likewise"
    assert b["h"] == pytest.approx(2 * b["f"] + 1)
    assert a["h"] == pytest.approx(truth["h"] - 1), "its own name is its true value"
    assert a["i"] == pytest.approx(truth["g"] + truth["h"] - 1)
    assert (b["j"] == truth["j"]).all()
    assert (drawn.seen_by(None)["f"] == truth["f"]).all()
    assert Sampler(model(quantities)).perceived == {"A": {"h", "i"}, "B": {"f", "g", "h", "i"}}


def test_a_perception_may_use_a_quantity_declared_later() -> None:
    drawn = draw({"f": {"value": "1 to 2", "seen_by": {"B": "f * bias"}}, "bias": "0.2 to 0.9"})
    assert drawn.seen_by("B")["f"] == pytest.approx(drawn.truth["f"] * drawn.truth["bias"])


def test_a_perception_of_a_share_is_a_share() -> None:
    drawn = draw({"p": {"value": "0.5 to 0.9", "unit": "probability", "seen_by": {"B": "2 * p"}}})
    assert drawn.seen_by("B")["p"].max() == 1.0


def test_a_fixed_quantity_is_still_misperceived() -> None:
    drawn = draw({"f": {"value": "1 to 2", "seen_by": {"B": "f / 2"}}, "g": "f + 1"}, fixed={"f": 10.0})
    assert (drawn.seen_by("B")["f"] == 5).all()
    assert (drawn.seen_by("B")["g"] == 6).all()


def test_what_is_no_number_is_told_with_its_draw() -> None:
    with pytest.raises(ModelError, match=r"'x' is not a number in .* of 100 draws, first in draw"):
        draw({"x": "log(normal(0, 1))"}, 100)
    with pytest.raises(ModelError, match="the precision 'r' is -"):
        draw({"r": {"value": "1 - (0.5 to 2)", "role": "precision"}}, 100)


def test_what_is_remembered_changes_no_number() -> None:
    base = model(MANY, correlations=RANKS)
    other = changed(base, {"a": "5 to 6", "g": "f ** 3 + b"})
    memory = Memory()
    for of, fixed in [
        (base, {}),
        (base, {"f": 1.5}),
        (other, {}),
        (base, {"f seen by B": 0.3}),
        (base, {}),
        (other, {"b": 0.2}),
    ]:
        kept, anew = (Sampler(of, **more).draw(N, 1, fixed) for more in ({"memory": memory}, {}))
        for name in MANY:
            assert (kept.truth[name] == anew.truth[name]).all(), name
        for name, seen in anew.views["B"].items():
            assert (kept.views["B"][name] == seen).all(), name


def test_only_what_depends_on_a_change_is_drawn_anew() -> None:
    sampler = Sampler(model(MANY, correlations=RANKS))
    before, after = sampler.draw(N, 1), sampler.draw(N, 1, {"f": 1.5})
    assert {name for name in MANY if after.truth[name] is not before.truth[name]} == {"f", "g"}


def test_what_went_wrong_is_told_again() -> None:
    sampler = Sampler(model({"a": "-1 to -0.5", "b": "log(a)"}))
    for _ in range(2):
        with pytest.raises(ModelError, match="'b' is not a number in 100 of 100 draws"):
            sampler.draw(100, 1)


def test_quantities_are_drawn_in_the_same_order_in_every_process() -> None:
    """Sources of uncertainty have the order in which they are first drawn, and designs and searches go by it."""
    code = """
from detente import define
from detente.draws.sampler import Sampler
from tests.draws.test_sampler import model
names = [f"part_{letter}" for letter in "qwertyuiop"]
print(Sampler(model({"whole": " + ".join(names), **{name: "1 to 2" for name in names}})).order)
"""
    told = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, cwd=Path(__file__).parents[2],
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in "12"
    }  # fmt: skip
    assert len(told) == 1
