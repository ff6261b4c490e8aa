"""Playing a role: what is shown, what is kept back, what is told at the end, and that a log gives the same play."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import detente
from detente.engine.batch import reach
from detente.errors import QuestionError
from detente.present.cli.app import app
from detente.solve.quantal.limit import Limit
from detente.study.playing import Playing
from tests.study.roles import AT_ONCE, SURPRISE, finished, played, where
from tests.study.structures import CRISIS, RIVAL


@pytest.fixture(scope="module")
def signalling() -> Playing:
    return Playing.of("crisis-signalling")


@pytest.fixture(scope="module")
def at_once() -> Playing:
    return Playing.of(detente.loads(AT_ONCE))


@pytest.fixture(scope="module")
def flagship() -> Playing:
    return Playing.of("ukraine-2022")


@pytest.fixture(scope="module")
def rivals() -> Playing:
    return Playing.of(detente.loads(CRISIS + RIVAL))


# ---------------------------------------------------------------------- what is told at the end


def test_regret_values_and_beliefs_of_a_bluff_are_those_on_paper(signalling: Playing) -> None:
    """Fearon's game at the medians: a = 0.45, p = 0.275, r = 0.25, c = 0.85, precision 100."""
    a, p, r, c = 0.45, 0.275, 0.25, 0.85
    for seed in range(1, 300):
        log = signalling.start("Challenger", seed, "central")
        log = signalling.move(log, "Challenger", "threaten")
        view = signalling.view(log, "Challenger")
        if view.phase == "turn" and view.seen[0].label == "irresolute":
            break
    log = signalling.move(log, "Challenger", "attack")
    found = signalling.debrief(log)
    bluff, reply, attack = found.decisions
    assert (bluff.stage, reply.stage, attack.stage) == ("demand", "reply", "deed")
    # to attack costs an irresolute challenger 1.5, to back down a: regret is known to the last digit
    assert [o.value for o in attack.options] == pytest.approx([-1.5, -a], abs=1e-12)
    assert attack.regret == pytest.approx(1.5 - a, abs=1e-12)
    assert attack.best == "back_down"
    # a threat is worth y - (1 - y) a, where y is how often the defender yields, of any type
    yields = _yields(signalling)
    firm, weak = yields["resolute"], yields["irresolute"]
    y = r * firm + (1 - r) * weak
    assert y == pytest.approx(a / (1 + a), abs=0.03)
    threat, quiet = bluff.options
    assert threat.value == pytest.approx(y - (1 - y) * a, abs=1e-9)
    assert quiet.value == 0
    assert bluff.regret == pytest.approx(max(0.0, -threat.value), abs=1e-12)
    assert threat.probability == pytest.approx(1 / (1 + math.exp(-100 * threat.value)), abs=1e-9)
    assert threat.probability == pytest.approx(p * c / (1 - p), abs=0.03)
    # the defender's belief by Bayes' rule, and on paper P(resolute | threat) = 1 / (1 + c)
    (about,) = bluff.opinions
    assert about.before == pytest.approx({"resolute": p, "irresolute": 1 - p})
    resolute = about.after["resolute"]
    assert resolute == pytest.approx(1 / (1 + c), abs=0.03)
    threatens = resolute / (1 - resolute) * (1 - p) / p * threat.probability  # the resolute one, by Bayes backwards
    assert threatens == pytest.approx(1, abs=1e-3)
    assert reply.beliefs[0].shares == pytest.approx(about.after)
    assert reply.beliefs[0].truth == "irresolute"
    # who resists is the resolute one, or one of the others that do not yield
    assert attack.beliefs[0].shares["resolute"] == pytest.approx(r * (1 - firm) / (1 - y), abs=1e-9)
    assert attack.beliefs[0].before == pytest.approx({"resolute": r, "irresolute": 1 - r})
    paid = found.paid["Challenger"]
    assert paid.terms == pytest.approx({"good": 0, "war": -1.5, "audience": 0})
    assert paid.total == paid.true_total == -1.5
    assert paid.expected == pytest.approx(threat.probability * threat.value, abs=1e-9)
    assert paid.regret == pytest.approx(bluff.regret + attack.regret)
    assert found.mistaken == ()
    assert found.converged


def _yields(playing: Playing) -> dict[str, float]:
    """How often a defender of each type gives way to a threat, by the debriefs of some plays."""
    found: dict[str, float] = {}
    for seed in range(1, 30):
        log = playing.move(playing.start("Challenger", seed, "central"), "Challenger", "threaten")
        done = playing.debrief(playing.move(log, "Challenger", "back_down") if playing.turn(log) else log)
        kind = next(s.label for s in done.course if s.event == "Defender.resolve")
        found[kind] = next(d for d in done.decisions if d.stage == "reply").options[0].probability
    return found


def test_values_agree_with_the_reasons_that_why_gives(signalling: Playing) -> None:
    study = detente.run("crisis-signalling", draws=1, seed=7)
    log = finished(signalling, ["Challenger"], 7, hand=2, world=0)
    for decision in signalling.debrief(log).decisions:
        h = next(k for k, info in enumerate(study.blueprint.tree.infosets) if info.name == decision.where)
        (why,) = detente.why(study, infoset=h, move=decision.options[0].move, against=decision.options[1].move)
        first, second = decision.options
        assert first.value - second.value == pytest.approx(why.gap.value, abs=1e-9)
        assert {k: first.terms[k] - second.terms[k] for k in first.terms} == pytest.approx(
            {k: f.value for k, f in why.terms.items()}, abs=1e-9
        )
        assert first.probability == pytest.approx(why.probability.value, abs=1e-9)


def test_equilibrium_play_is_worth_what_its_mixture_is(flagship: Playing) -> None:
    for seed in range(3):
        for decision in flagship.debrief(finished(flagship, ["Russia", "USA"], seed, hand=seed, world=seed)).decisions:
            assert sum(o.probability for o in decision.options) == pytest.approx(1)
            assert sum(o.terms[k] for o in decision.options[:1] for k in o.terms) == pytest.approx(
                decision.options[0].value
            )
            best = max(o.value for o in decision.options)
            made = next(o for o in decision.options if o.move == decision.move)
            assert decision.regret == pytest.approx(best - made.value)
            assert min(o.value for o in decision.options) <= decision.equilibrium <= best
            for belief in decision.beliefs:
                assert sum(belief.shares.values()) == pytest.approx(1)
                assert belief.shares[belief.truth or ""] > 0


def test_who_knows_all_expects_what_the_node_brings(at_once: Playing) -> None:
    """Averaged over the nodes of a set, what was known is what was expected: the law of iterated expectations."""
    log = finished(at_once, ["A", "B"], 5, hand=1, world=3)
    state = at_once._state(log)
    one = state.one
    from detente.analyse.forecast.infosets import members
    from detente.analyse.playing.reviews import options_at

    for h in range(0, one.tree.n_infosets, 7):
        nodes = members(one.tree, h)
        weights = one.weights(int(one.tree.owner[h]), nodes)
        known = np.array([[o.known_value for o in options_at(one, h, int(x))] for x in nodes], float)
        assert weights @ known == pytest.approx([o.value for o in options_at(one, h)], abs=1e-9)


# ---------------------------------------------------------------------- what is kept back


@pytest.mark.parametrize(
    ("case", "seats", "plays"),
    [
        ("crisis-signalling", ("Challenger",), 60),
        ("crisis-signalling", ("Challenger", "Defender"), 60),
        ("take-it-or-leave-it", ("A", "B"), 25),
        (AT_ONCE, ("A",), 80),
        (AT_ONCE, ("B", "C"), 80),
        (AT_ONCE, ("A", "B", "C"), 80),
        ("ukraine-2022", ("Russia",), 40),
        ("ukraine-2022", ("USA", "Ukraine"), 60),
        ("ukraine-2022", ("Italy", "Russia", "Ukraine"), 40),
    ],
)
def test_a_view_is_the_same_wherever_its_actor_has_seen_the_same(case: str, seats: tuple[str, ...], plays: int) -> None:
    """In one world, over plays that differ in luck, types and moves: a view depends on what its actor has seen
    alone."""
    playing = Playing.of(detente.loads(case) if "\n" in case else case)
    shown: dict[object, set[str]] = defaultdict(set)
    truths: dict[object, set[object]] = defaultdict(set)
    for seed in range(plays):
        for log in played(playing, seats, seed, hand=seed % 5, world="central", coached=True):
            state = playing._state(log)
            for seat in seats:
                view = playing.view(log, seat)
                if view.phase != "over":
                    shown[where(view)].add(repr(view))
                    truths[where(view)].add(state.one.sight.happened(state.node))
    assert max(map(len, truths.values())) > 1  # there was something to keep back
    assert [texts for texts in shown.values() if len(texts) > 1] == []


def test_what_is_seen_is_what_the_information_set_says(at_once: Playing, flagship: Playing, rivals: Playing) -> None:
    """At every node of every tree: neither more nor less, and the same at all nodes of a set."""
    for playing in (at_once, flagship, rivals, Playing.of("take-it-or-leave-it")):
        for one in {id(o): o for o in (playing._one(playing.start(s, 1, w)) for s, w in _worlds(playing))}.values():
            tree = one.tree
            for h, info in enumerate(tree.infosets):
                nodes = tree.members[tree.member_start[h] : tree.member_start[h + 1]]
                for x in nodes[:: max(1, len(nodes) // 3)].tolist():
                    seen = [(s.event, s.label) for s in one.sight.seen(x, info.player)]
                    assert seen == [(event.rpartition(":")[2], label) for event, label in info.situation]


def _worlds(playing: Playing) -> list[tuple[str, int]]:
    seat = next(stage.actor for stage in playing.model.stages.values() if stage.actor)
    return [(seat, world) for world in range(6 if playing.model._rivals else 1)]


def test_moves_made_at_once_are_not_seen_before_all_are_made(at_once: Playing) -> None:
    for seed in range(12):
        log = at_once.start(["A", "B", "C"], seed, "central")
        for move in ("arm", "look", "press"):
            log = at_once.move(log, at_once.turn(log), move)
        assert at_once.turn(log) == "B"
        guard, push, idle = (at_once.view(log, actor) for actor in "BAC")
        assert not any(s.event == "push" for s in (*guard.seen, *idle.seen))
        assert any(s.event == "push" for s in push.seen)  # its own
        assert (push.phase, push.waiting_for, push.when.name) == ("waiting", "B", "week 1")
        doing = {b.about: b.shares for b in guard.beliefs}
        assert "push" not in doing  # nobody is told what equilibrium play is at this moment
        assert set(doing["ready"]) == {"arm", "wait"}
        assert "spy" in doing  # it heard a signal of it alone
        log = at_once.move(log, "B", "open")
        assert any(s.event == "push" for s in at_once.view(log, "C").seen)


def test_who_waits_is_told_for_whom_only_where_it_can_know() -> None:
    """B never sees whether it is A or C that decides, and learns nothing from waiting."""
    text = """
title: Two behind a curtain
actors: {A: '', B: '', C: ''}
private: {A.turn: {mine: 0.5, yours: otherwise}}
stages:
  one: {actor: A, moves: [x, y], hidden_from: [B], when: A.turn is mine}
  two: {actor: C, moves: [x, y], hidden_from: [B], when: A.turn is yours}
  three: {actor: B, moves: [x, y]}
outcomes: {end: otherwise}
payoffs: {A: {a: 1.0 * (one is x)}, B: {b: 1.0 * (three is x)}, C: {c: 1.0 * (two is x)}}
"""
    playing, turns = Playing.of(detente.loads(text)), set()
    for seed in range(12):
        log = playing.start(["A", "B", "C"], seed)
        turns.add(playing.turn(log))
        view = playing.view(log, "B")
        assert (view.phase, view.waiting_for, view.seen) == ("waiting", "", ())
        told = {"A": "C", "C": "A"}[playing.turn(log)]
        assert playing.view(log, told).waiting_for == playing.turn(log)  # these two know
    assert turns == {"A", "C"}
    alone = playing.start(["A", "B"], 0)
    while playing.turn(alone) != "A":
        alone = playing.start(["A", "B"], alone.seed + 1)
    assert playing.view(alone, "B").waiting_for == "A"  # nobody else is sat at the table


def test_equilibrium_play_is_told_afterwards_only(signalling: Playing) -> None:
    log = signalling.start("Challenger", 3)
    with pytest.raises(QuestionError, match="not over"):
        signalling.debrief(log)
    plain = signalling.move(log, "Challenger", "threaten")
    assert signalling.view(plain, "Challenger").feedback is None
    coached = signalling.view(replace(plain, coached=True), "Challenger").feedback
    assert coached is not None
    assert coached.move == "threaten"
    assert all(o.true_value is None and o.known_value is None for o in coached.options)
    assert all(b.truth is None for b in coached.beliefs)
    assert coached.opinions == ()
    done = finished(signalling, ["Challenger"], 3, coached=True)
    told = next(d for d in signalling.debrief(done).decisions if d.seated)
    assert [(o.value, o.probability) for o in told.options]


# ---------------------------------------------------------------------- logs


@pytest.mark.parametrize("name", ["signalling", "at_once", "flagship", "rivals"])
def test_a_log_gives_the_same_play_again(name: str, request: pytest.FixtureRequest) -> None:
    playing: Playing = request.getfixturevalue(name)
    other = Playing.of(playing.model)
    seats = [next(stage.actor for stage in playing.model.stages.values() if stage.actor)]
    for seed in range(4):
        for log in played(playing, seats, seed, hand=seed, world=seed, coached=True):
            again = other.resume(log.to_json())
            assert again == log
            assert repr(other.view(again, seats[0])) == repr(playing.view(log, seats[0]))
        assert repr(other.debrief(again)) == repr(playing.debrief(log))


def test_another_move_leaves_the_luck_as_it_was(at_once: Playing) -> None:
    """What chance brings in a period is drawn for itself: it does not depend on what was done before."""
    for seed in range(20):
        storms = []
        for first in ("arm", "wait"):
            log = at_once.move(at_once.start("A", seed, "central"), "A", first)
            while at_once.turn(log):
                log = at_once.move(log, "A", "hold")
            lucky = ("A.resolve", "B.means", "B.means.seen", "weather")
            storms.append([s.label for s in at_once.debrief(log).course if s.event in lucky])
        assert storms[0] == storms[1]
        assert len(storms[0]) == 4


def test_a_world_is_the_draw_of_that_number(signalling: Playing) -> None:
    draws = signalling.blueprint.sampler.draw(9, 4)
    log = signalling.start("Challenger", 4, 8)
    known = {q.name: q.value for q in signalling.briefing(log, "Challenger").quantities}
    assert known == {name: draws.truth[name][8] for name in known}
    assert {"audience_cost", "fear_of_war"} <= known.keys()
    middle = signalling.briefing(signalling.start("Challenger", 4, "central"), "Challenger").quantities
    assert {q.name: q.value for q in middle}["audience_cost"] == pytest.approx(0.45)


def test_what_nobody_plays_is_drawn_as_it_is_solved(at_once: Playing) -> None:
    """Chance, types and the moves of others, over many plays of one world, each beside its probability."""
    n, counted = 400, Counter[str]()
    one = at_once._one(at_once.start("C", 0, "central"))
    tree, batch = one.tree, one.batch
    # C sleeps and keeps still all along: the probability of each play as it is then
    behaviour = batch.behaviour.copy()
    for h, info in enumerate(tree.infosets):
        if tree.players[info.player] == "C":
            start = int(tree.action_start[h])
            behaviour[start : start + len(info.actions)] = 0.0
            behaviour[start + info.actions.index("sleep" if "sleep" in info.actions else "keep_still")] = 1.0
    ends = tree.terminals
    chances = reach(batch.game, behaviour, tree.n_players)[ends, 0]
    events = [one.sight.happened(int(x)) for x in ends]
    expected: Counter[str] = Counter()
    for p, happened in zip(chances, events, strict=True):
        for s in happened:
            expected[f"{s.event} {s.label} {s.step}"] += p
    for seed in range(n):
        log = at_once.start("C", seed, "central")
        while at_once.turn(log):
            there = [m.move for m in at_once.view(log, "C").moves]
            log = at_once.move(log, "C", "sleep" if "sleep" in there else "keep_still")
        counted.update(f"{s.event} {s.label} {s.step}" for s in one.sight.happened(at_once._state(log).node))
    assert len(expected) > 12
    for name, p in expected.items():
        assert abs(counted[name] / n - p) <= 4.5 * math.sqrt(max(p * (1 - p), 0) / n) + 1e-9, name


# ---------------------------------------------------------------------- perceptions and structures


def test_in_a_hypergame_each_plays_its_own_game_and_the_true_one_happens() -> None:
    playing = Playing.of(detente.loads(SURPRISE), method=Limit())
    log = playing.start("A", 1)
    view = playing.view(log, "A")
    assert {q.name: q.value for q in playing.briefing(log, "A").quantities} == {
        "hold_attack": -3,
        "mobilise_attack": -5,
    }
    assert view.beliefs == ()  # what B does at the same time is no secret of the past
    found = playing.debrief(playing.move(log, "A", "hold"))
    assert found.outcome == "overrun"
    assert found.mistaken == ("A", "B")  # B sees the game as it is, and expects A to do so, too
    row, column = found.decisions
    hold, mobilise = row.options
    assert (hold.value, mobilise.value) == pytest.approx((3, 1), abs=1e-6)
    assert (hold.true_value, mobilise.true_value) == pytest.approx((-10, -4), abs=1e-6)
    assert hold.probability == pytest.approx(1, abs=1e-6)
    assert row.regret == 0
    assert playing.debrief(playing.move(log, "A", "mobilise")).decisions[0].regret == pytest.approx(2, abs=1e-6)
    assert column.move == "attack"
    assert (column.options[0].value, column.options[0].true_value) == pytest.approx((2, 5), abs=1e-6)
    assert found.paid["A"].total == -10
    assert found.paid["A"].expected == pytest.approx(3, abs=1e-6)
    assert found.paid["B"].total == 5


@pytest.mark.parametrize("perception", ["common", "private"])
def test_payoffs_are_told_as_they_are_seen_and_as_they_are(perception: str) -> None:
    text = f"""
title: A war that is dearer than it looks
perception: {perception}
actors: {{A: '', B: ''}}
quantities: {{cost: {{value: 1, seen_by: {{A: 0.2}}}}}}
stages: {{act: {{actor: A, moves: [fight, rest]}}, answer: {{actor: B, moves: [x, y]}}}}
outcomes: {{end: otherwise}}
payoffs: {{A: {{gain: 0.5 * (act is fight), cost: -cost * (act is fight)}}, B: {{b: 1.0 * (answer is x)}}}}
"""
    playing = Playing.of(detente.loads(text))
    log = playing.start("A")
    (end,) = playing.view(log, "A").prospects
    assert (end.low, end.high) == pytest.approx((0, 0.3))
    found = playing.debrief(playing.move(log, "A", "fight"))
    fight, rest = found.decisions[0].options
    assert (fight.value, fight.true_value, rest.value) == pytest.approx((0.3, -0.5, 0))
    paid = found.paid["A"]
    assert (paid.total, paid.true_total) == pytest.approx((0.3, -0.5))
    assert paid.terms == pytest.approx({"gain": 0.5, "cost": -0.2})
    assert found.mistaken == (("A",) if perception == "common" else ("A", "B"))  # B then expects A to know better


def test_a_view_does_not_hang_on_what_its_actor_misperceives() -> None:
    shown = set()
    for truth in (5, 7, 9):
        playing = Playing.of(detente.loads(SURPRISE), set={"hold_attack": truth})
        log = playing.start("A", 1, coached=True)
        shown.add(repr((playing.view(log, "A"), playing.briefing(log, "A"))))
    assert len(shown) == 1


def test_each_world_has_its_structures(rivals: Playing) -> None:
    draws = rivals.blueprint.sampler.draw(24, 1)
    found = set()
    for world in range(24):
        log = rivals.start("A", 1, world)
        moves = {m.move for m in rivals.view(log, "A").moves}
        present = rivals.debrief(rivals.move(log, "A", "wait")).structures
        assert present == tuple(name for name in ("seizing", "dear") if draws.truth[name][world])
        assert ("seize" in moves) == ("seizing" in present)
        cost = {q.name: q.value for q in rivals.briefing(log, "A").quantities}["cost"]
        assert cost == draws.truth["cost"][world]
        found.add(present)
    assert len(found) == 4


# ---------------------------------------------------------------------- other worlds, many plays


def test_equilibrium_choices_elsewhere_are_worth_what_is_expected(signalling: Playing) -> None:
    """Of a resolute challenger: to threaten and attack is all but what equilibrium play does, in every world."""
    log = signalling.start("Challenger", 1)
    while signalling.view(log, "Challenger").seen[0].label != "resolute":
        log = signalling.start("Challenger", log.seed + 1)
    threat = signalling.move(log, "Challenger", "threaten")
    done = signalling.move(threat, "Challenger", "attack") if signalling.turn(threat) else threat
    found = signalling.elsewhere(done, "Challenger", 50)
    assert found.difference.draws == 50
    assert abs(found.difference.value) < 1e-3
    quiet = signalling.elsewhere(signalling.move(log, "Challenger", "keep_quiet"), "Challenger", 50)
    assert quiet.chosen.value == pytest.approx(0)
    assert quiet.solved.value == pytest.approx(found.solved.value)
    assert quiet.difference.value == pytest.approx(-found.solved.value)
    assert quiet.better == 0


def test_elsewhere_finds_the_same_situations_in_other_structures(rivals: Playing) -> None:
    log = next(done for world in range(20) if (done := rivals.start("A", 1, world)))
    found = rivals.elsewhere(rivals.move(log, "A", "wait"), "A", 40)
    assert found.chosen.value == 0  # to wait is worth nothing in any structure
    assert (found.chosen.low, found.chosen.high) == (0, 0)
    assert found.difference.value < 0


def test_many_plays_are_summed_up_beside_the_model(signalling: Playing) -> None:
    logs = [finished(signalling, ["Challenger"], seed, hand=seed, world=seed) for seed in range(40)]
    going_on = signalling.start("Challenger", 99)
    found = signalling.summary([*logs, going_on])
    assert (found.plays, found.over) == (41, 40)
    debriefs = [signalling.debrief(log) for log in logs]
    made = [d for found in debriefs for d in found.decisions if d.seated]
    for situation in found.situations:
        mine = [d for d in made if d.where == situation.where]
        assert situation.times == len(mine) == sum(m.times for m in situation.moves)
        assert sum(m.expected for m in situation.moves) == pytest.approx(len(mine))
        assert situation.regret == pytest.approx(sum(d.regret for d in mine) / len(mine))
        for chosen in situation.moves:
            p = [next(o.probability for o in d.options if o.move == chosen.move) for d in mine]
            assert chosen.times == sum(d.move == chosen.move for d in mine)
            assert chosen.expected == pytest.approx(sum(p))
            if (spread := math.sqrt(sum(x * (1 - x) for x in p))) > 0:
                assert chosen.z == pytest.approx((chosen.times - sum(p)) / spread)
    (role,) = found.roles
    assert (role.plays, role.over, role.decisions) == (41, 40, len(made))
    assert role.likelihood == pytest.approx(sum(d.probability for d in made) / len(made))
    assert role.paid == pytest.approx(sum(d.paid["Challenger"].total for d in debriefs) / 40)


# ---------------------------------------------------------------------- refusals


def test_what_does_not_fit_is_refused_with_what_would(signalling: Playing, rivals: Playing) -> None:
    log = signalling.start("Challenger", 1)
    threat = signalling.move(log, "Challenger", "threaten")
    done = finished(signalling, ["Challenger"], 1)

    def refused(message: str, ask: object, *args: object, **named: object) -> None:
        with pytest.raises(QuestionError, match=message):
            ask(*args, **named)  # type: ignore[operator]

    refused("did you mean 'Challenger'", signalling.start, "Chalenger")
    refused("nobody is played", signalling.start, [])
    refused("taken twice", signalling.start, ["Defender", "Defender"])
    refused("from 0 to 9,999", signalling.start, "Challenger", 1, 10_000)
    refused("did you mean 'threaten'", signalling.move, log, "Challenger", "threten")
    refused("nobody plays Defender", signalling.view, log, "Defender")
    refused("over; start another", signalling.move, done, "Challenger", "threaten")
    refused("another edition", rivals.view, log, "A")
    refused("another edition", Playing.of("crisis-signalling", set={"audience_cost": 0.3}).view, log, "Challenger")
    refused("another edition", Playing.of("crisis-signalling", perception="private").view, log, "Challenger")
    refused("takes no as_of", Playing.of, "ukraine-2022", as_of="2022-02-16")
    refused("takes no draws: give it to `start`", Playing.of, "crisis-signalling", draws=10)
    two = signalling.start(["Challenger", "Defender"], 1)
    refused("not the turn of Defender", signalling.move, two, "Defender", "resist")
    (made,) = threat.moves
    refused("move 1 of the log does not fit: there is no move 'bark'", signalling.view,
            replace(log, moves=(replace(made, move="bark"),)), "Challenger")  # fmt: skip
    refused("it is Challenger at deed, where Challenger decides demand", signalling.view,
            replace(log, moves=(replace(made, stage="deed"),)), "Challenger")  # fmt: skip
    refused("play was over before it", signalling.view, replace(done, moves=(*done.moves, made)), "Challenger")
    refused("it is not JSON", signalling.resume, "no log")
    refused("it has 'who'", signalling.resume, json.dumps({**json.loads(log.to_json()), "who": 1}))
    refused("seats: Field required", signalling.resume, '{"case": "a", "hash": "b", "seed": 1, "world": 0}')
    refused("moves.0.step", signalling.resume, threat.to_json().replace('"step": 0', '"step": -1'))
    assert signalling.resume(threat.to_json()) == threat


def test_a_spelling_in_the_text_leaves_a_log_as_it_is() -> None:
    text = detente.library()["crisis-signalling"]
    other = Playing.of(detente.loads(text.replace("A public threat that", "A threat that"), "crisis-signalling.yaml"))
    log = Playing.of("crisis-signalling").start("Challenger", 1)
    assert other.view(log, "Challenger").phase == "turn"


# ---------------------------------------------------------------------- at the terminal


def test_the_command_plays_and_goes_on_from_its_log(tmp_path: Path, signalling: Playing) -> None:
    log = tmp_path / "play.json"
    run = CliRunner()
    begun = run.invoke(
        app, ["play", "crisis-signalling", "--as", "Challenger", "--seed", "3", "--log", str(log)], input=""
    )
    assert begun.exit_code == 0, begun.output
    assert "1  threaten" in begun.output
    assert "equilibrium" not in begun.output
    assert signalling.resume(log.read_bytes()).moves == ()
    asked = run.invoke(app, ["play", "crisis-signalling", "--log", str(log)], input="bark\nkeep quiet\n")
    assert asked.exit_code == 0, asked.output
    assert "not one of the moves" in asked.output
    assert "It is over: quiet" in asked.output
    told = run.invoke(app, ["play", "crisis-signalling", "--log", str(log), "--json"])
    found = json.loads(told.stdout)
    done = signalling.resume(log.read_bytes())
    assert found["turn"] == ""
    assert found["debrief"]["paid"]["Challenger"]["total"] == signalling.debrief(done).paid["Challenger"].total == 0
    assert found["debrief"]["decisions"][0]["options"][0]["move"] == "threaten"
    for words, message in (
        (["--as", "Defender"], "another --as"),
        (["--seed", "4"], "another --seed"),
        (["--moves", "threaten"], "play is over before threaten"),
    ):
        wrong = run.invoke(app, ["play", "crisis-signalling", "--log", str(log), *words])
        assert (wrong.exit_code, message in wrong.output) == (2, True), wrong.output
    wrong = run.invoke(app, ["play", "crisis-signalling"])
    assert (wrong.exit_code, "--as ACTOR; the actors are Challenger, Defender" in wrong.output) == (2, True)
    wrong = run.invoke(app, ["play", "crisis-signalling", "--as", "Challenger", "--world", "-3"])
    assert (wrong.exit_code, "--world" in wrong.output) == (2, True)


def test_two_at_one_terminal_are_shown_their_own_views_in_json() -> None:
    words = ["play", "crisis-signalling", "--as", "Challenger", "--as", "Defender", "--moves", "threaten", "--json"]
    found = json.loads(CliRunner().invoke(app, words).stdout)
    assert found["turn"] == "Defender"
    assert found["views"]["Challenger"]["phase"] == "waiting"
    assert found["views"]["Challenger"]["waiting_for"] == "Defender"
    assert [m["move"] for m in found["views"]["Defender"]["moves"]] == ["give_way", "resist"]
    assert {s["event"] for s in found["views"]["Defender"]["seen"]} == {"Defender.resolve", "demand"}
