"""Playing a role, without a page: what a seat is told is its view and nothing else, moves count once, whoever has no
key sees nothing, and several workers share the tables."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from detente.engine.store.store import Store
from detente.errors import QuestionError
from detente.present.web.answering import Job, answered
from detente.present.web.screens.debrief import Ended
from detente.present.web.screens.play import AtSeat, Cast, Seated, playing_of
from detente.present.web.state import Asked, Reply, State
from detente.present.web.tables import MOST, Seat, Table, Tables, digest
from detente.present.web.workspace import Work, Workspace
from detente.study.playing import Playing
from detente.study.seats import Log
from tests.study.roles import AT_ONCE, where

CASE = "crisis-signalling"
KEY, OTHER = "k" * 32, "o" * 32
Ask = Callable[..., Reply]
UNCOUNTED = """
title: A decides once or twice behind a curtain
actors: {A: '', B: ''}
private: {A.mood: {bright: 0.5, dark: otherwise}}
stages:
  one: {actor: A, moves: [x, y], hidden_from: [B]}
  more: {actor: A, moves: [x, y], hidden_from: [B], when: one is x}
  last: {actor: B, moves: [x, y]}
outcomes: {end: otherwise}
payoffs: {A: {a: 1.0 * (last is x) + 0.1 * (one is x)}, B: {b: 1.0 * (last is x) - 0.5 * (one is x)}}
"""


def asking(space: Workspace) -> Ask:
    """What a worker with a workspace answers at last."""

    def ask(screen: str, case: str = CASE, state: dict[str, Any] | None = None, **options: Any) -> Reply:
        asked = Asked(id=1, screen=screen, key=screen, state=State(case=case, **(state or {})), options=options)
        *_, last = answered(space, Job(asked), lambda _: None)
        return last

    return ask


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return tmp_path_factory.mktemp("store"), tmp_path_factory.mktemp("used") / "plays"


@pytest.fixture(scope="module")
def space(folders: tuple[Path, Path]) -> Workspace:
    return Workspace({}, Store(folders[0]), plays=folders[1])


@pytest.fixture(scope="module")
def ask(space: Workspace) -> Ask:
    return asking(space)


@pytest.fixture
def tables(folders: tuple[Path, Path]) -> Tables:
    return Tables(folders[1])


def seated(ask: Ask, *seats: str, key: str = KEY, case: str = CASE, **how: Any) -> Seated:
    reply = ask("sit", case, seats=list(seats), key=key, **how)
    assert reply.mistakes == []
    return reply.data  # type: ignore[no-any-return]


def wrong(reply: Reply) -> str:
    assert reply.data is None
    assert not reply.html
    (mistake,) = reply.mistakes
    return mistake.message


def ended(ask: Ask, table: str, key: str = KEY, last: bool = False) -> AtSeat:
    """Play on to the end by the first move, or by the last."""
    at: AtSeat = ask("seat", table=table, key=key).data
    while at.phase == "turn":
        at = ask("seat", table=table, key=key, move=at.moves[-1 if last else 0].move, made=at.made).data
    return at


# ------------------------------------------------------------------------------------------------ a play


def test_who_can_be_played_is_told_in_words(ask: Ask) -> None:
    cast: Cast = ask("roles", "ukraine-2022").data
    assert [role.name for role in cast.roles] == ["Russia", "USA", "Ukraine", "Italy"]
    russia = cast.roles[0]
    assert "wants a place in the European order" in russia.means
    assert (
        "battle: cost of the fighting when Kiev falls within two weeks; cost of the fighting when Kiev holds out"
        in (russia.wants)
    )
    assert russia.decides == ("posture", "answer")


def test_what_of_the_state_enters_is_said(ask: Ask, tables: Tables) -> None:
    state = {"set": {"audience_cost": 0.9}, "suppose": {"prior_challenger": 0.3}, "changes": ["forbid demand=threaten"]}
    cast: Cast = ask("roles", state=state).data
    assert cast.taken == ("audience cost is 0.9",)
    assert cast.left == ("best guesses that were moved", "moves and mechanisms that were changed")
    known: Seated = ask("sit", state=state, seats=["Challenger"], key=KEY, number=5).data
    at: AtSeat = ask("seat", table=known.table, key=KEY).data
    assert at.taken == ("audience cost is 0.9",)
    told = ask("briefing", table=known.table, key=KEY).html
    assert "0.9" in told["numbers"]
    model = Playing.of(CASE, set={"audience_cost": 0.9})
    log = tables.read(known.table).log
    assert log == model.start("Challenger", 5), (
        "what the page has set, and not what it supposes, is the case that is played"
    )


def test_a_play_is_that_of_the_core(ask: Ask, tables: Tables) -> None:
    """Each step shows the view of the core, and the end tells its debrief."""
    playing = Playing.of(CASE)
    found: Seated = seated(ask, "Challenger", number=2)
    log = playing.start("Challenger", 2)
    for move in ("threaten", "attack"):
        view = playing.view(log, "Challenger")
        reply = ask("seat", table=found.table, key=KEY)
        at: AtSeat = reply.data
        assert (at.phase, at.made) == ("turn", len(log.moves))
        assert [(b.move, b.means) for b in at.moves] == [(m.move, m.means) for m in view.moves]
        assert len(at.news) == len(view.seen)
        for belief in view.beliefs:
            for share in belief.shares.values():
                assert f'value="{share:.12g}"' in reply.html["beliefs"]
        log = playing.move(log, "Challenger", move)
        ask("seat", table=found.table, key=KEY, move=move, made=at.made)
    assert tables.read(found.table).log == log
    over = ask("seat", table=found.table, key=KEY).data
    assert (over.phase, over.heading) == ("over", "It is over: war")
    told = ask("debrief", table=found.table, key=KEY)
    debrief = playing.debrief(log)
    for decision in debrief.of("Challenger"):
        for option in decision.options:
            assert f'value="{option.value:.12g}"' in told.html["decisions"]
            assert f'value="{option.probability:.12g}"' in told.html["decisions"]
        for opinion in decision.opinions:
            assert f'value="{opinion.after[opinion.truth]:.12g}"' in told.html["decisions"]
    assert f'value="{debrief.paid["Defender"].total:.12g}"' in told.html["paid"]
    assert "regret" in told.html["ending"]
    end: Ended = told.data
    assert playing.resume(end.log) == log
    assert (end.made, end.seed, end.file) == (2, 2, "crisis-signalling-Challenger-2.json")
    elsewhere = ask("elsewhere", table=found.table, key=KEY, draws=50).html["elsewhere"]
    assert f'value="{playing.elsewhere(log, "Challenger", 50).difference.value:.12g}"' in elsewhere


def test_a_coached_choice_is_reviewed_at_once(ask: Ask) -> None:
    found = seated(ask, "Challenger", number=2, coached=True)
    assert ask("seat", table=found.table, key=KEY).html["feedback"] == ""
    reply = ask("seat", table=found.table, key=KEY, move="threaten", made=0)
    log = Playing.of(CASE).move(Playing.of(CASE).start("Challenger", 2, coached=True), "Challenger", "threaten")
    feedback = Playing.of(CASE).view(log, "Challenger").feedback
    assert feedback
    assert f'value="{feedback.probability:.12g}"' in reply.html["feedback"]


def test_each_view_is_shown_again_when_it_is_over(ask: Ask) -> None:
    found = seated(ask, "Challenger", number=2)
    shown = [ask("seat", table=found.table, key=KEY)]
    shown.append(ask("seat", table=found.table, key=KEY, move="threaten", made=0))
    ask("seat", table=found.table, key=KEY, move="attack", made=1)
    for k, (before, chose) in enumerate(zip(shown, ("threaten", "attack"), strict=True)):
        again = ask("again", table=found.table, key=KEY, number=k)
        assert (again.data.number, again.data.of, again.data.chose) == (k, 2, chose)
        assert {k: v for k, v in again.html.items() if k != "feedback"} == {
            k: v for k, v in before.html.items() if k != "feedback"
        }
    assert "expected a whole number from 0 to 1" in wrong(ask("again", table=found.table, key=KEY, number=2))


def test_it_is_played_again_in_the_same_world_or_another(ask: Ask, tables: Tables) -> None:
    found = seated(ask, "Challenger")
    assert "not over" in wrong(ask("sit", table=found.table, again=KEY, key=OTHER, world="same"))
    ended(ask, found.table)
    first = tables.read(found.table).log
    same: Seated = ask("sit", table=found.table, again=KEY, key=OTHER, world="same").data
    assert tables.read(same.table).log == replace(first, moves=())
    other: Seated = ask("sit", table=found.table, again=KEY, key=OTHER, world="other").data
    assert tables.read(other.table).log.seed != first.seed
    central = seated(ask, "Challenger", world="central")
    assert tables.read(central.table).log.world == "central"


def test_a_log_is_opened_again(ask: Ask, tables: Tables) -> None:
    found = seated(ask, "Challenger", number=2)
    ended(ask, found.table)
    end: Ended = ask("debrief", table=found.table, key=KEY).data
    again: Seated = ask("sit", log=end.log, name="mine.json", key=OTHER).data
    assert tables.read(again.table).log == tables.read(found.table).log
    assert ask("debrief", table=again.table, key=OTHER).html == ask("debrief", table=found.table, key=KEY).html
    assert "mine.json is not a log of a play" in wrong(ask("sit", log="{}", name="mine.json", key=OTHER))
    assert "another edition" in wrong(ask("sit", "take-it-or-leave-it", log=end.log, key=OTHER))


def test_a_class_is_set_beside_the_model(ask: Ask) -> None:
    playing = Playing.of(CASE)
    logs = []
    for seed in range(6):
        log = playing.start("Challenger", seed)
        while playing.turn(log):
            log = playing.move(log, "Challenger", playing.view(log, "Challenger").moves[0].move)
        logs.append(log)
    given = [{"name": f"{k}.json", "text": log.to_json()} for k, log in enumerate(logs)]
    reply = ask("class", logs=[*given, {"name": "odd.json", "text": "[]"}])
    summary = playing.summary(logs)
    (role,) = summary.roles
    assert f'value="{role.likelihood:.12g}"' in reply.html["class"]
    assert f'value="{role.regret:.12g}"' in reply.html["class"]
    assert reply.html["class"].count("equilibrium play (ring)") == len(summary.situations)
    assert "odd.json" in reply.mistakes[0].message
    assert "expected 1 to 500" in wrong(ask("class", logs=[]))


# ------------------------------------------------------------------------------------------------ who may see what


def test_without_its_key_a_seat_shows_nothing(ask: Ask) -> None:
    found = seated(ask, "Challenger", "Defender", number=2)
    for screen in ("seat", "briefing", "debrief", "again", "elsewhere"):
        assert wrong(ask(screen, table=found.table, key=OTHER)) == "this is not the key of a seat at this table"
        assert wrong(ask(screen, table=found.table, key=digest(KEY))) == "this is not the key of a seat at this table"
        assert "not here any more" in wrong(ask(screen, table="0" * 24, key=KEY))
        for odd in ("../used", "", 7, "x"):
            assert wrong(ask(screen, table=odd, key=KEY))
    assert wrong(ask("seat", table=found.table, key=OTHER, move="threaten", made=0))
    assert ask("seat", table=found.table, key=KEY).data.made == 0
    assert "32 to 128" in wrong(ask("sit", seats=["Challenger"], key="short"))


def test_an_invitation_opens_the_other_seat_once(ask: Ask) -> None:
    found = seated(ask, "Challenger", "Defender", number=2)
    (invitation,) = found.invitations
    assert ask("seat", table=found.table, key=KEY).data.empty == ("Defender",)
    assert wrong(ask("sit", table=found.table, invitation="x", key=OTHER)) == "this link opens no seat at this table"
    for _ in range(2):  # a page that did not hear the answer asks with the same key again
        other: Seated = ask("sit", table=found.table, invitation=invitation.invitation, key=OTHER).data
        assert (other.table, other.actor, other.invitations) == (found.table, "Defender", ())
    late = ask("sit", table=found.table, invitation=invitation.invitation, key="z" * 32)
    assert wrong(late) == "this link was used already: somebody else plays Defender"
    assert ask("seat", table=found.table, key=OTHER).data.actor == "Defender"
    assert ask("seat", table=found.table, key=KEY).data.empty == ()


def test_nothing_is_told_of_the_log_before_the_end(ask: Ask) -> None:
    found = seated(ask, "Challenger", number=443_247_664)
    for screen in ("debrief", "again", "elsewhere"):
        assert "not over" in wrong(ask(screen, table=found.table, key=KEY, number=0))
    for screen in ("seat", "briefing"):
        text = ask(screen, table=found.table, key=KEY).model_dump_json()
        assert "443247664" not in text
        assert "443,247,664" not in text
        assert KEY not in text


@pytest.mark.parametrize(
    ("case", "seats"),
    [(CASE, ("Challenger", "Defender")), (AT_ONCE, ("B", "C")), (AT_ONCE, ("A",)), (UNCOUNTED, ("A", "B"))],
)
def test_what_a_seat_is_told_hangs_on_what_its_actor_has_seen_alone(
    ask: Ask, space: Workspace, tables: Tables, case: str, seats: tuple[str, ...]
) -> None:
    """In one world, over plays that differ in luck, types and moves of the others: the whole reply is the same wherever
    the actor has seen the same; and so is what is said of a move that cannot be made."""
    name = space.put(case, "secrets") if "\n" in case else case
    playing = playing_of(Work(space, lambda: False), State(case=name))
    told: dict[object, set[str]] = defaultdict(set)
    truths: dict[object, set[str]] = defaultdict(set)
    seat_keys = dict(zip(seats, (KEY, OTHER), strict=False))
    for seed in range(30):
        log = playing.start(seats, seed, "central")
        k = 0
        while True:
            table = tables.add(Table(name, "", "", {}, log, {a: Seat(digest(key)) for a, key in seat_keys.items()}))
            state = playing._state(log)
            for actor, key in seat_keys.items():
                view = playing.view(log, actor)
                if view.phase == "over":
                    continue
                at = (*where(view), sum(m.actor == actor for m in log.moves))
                for options in ({}, {"move": "no such move", "made": at[-1]}):
                    reply = ask("seat", name, table=table.id, key=key, **options)
                    told[(*at, bool(options))].add(reply.model_dump_json())
                truths[at].add(repr(state.one.sight.happened(state.node)))
            if not (actor := playing.turn(log)):
                break
            moves = playing.view(log, actor).moves
            log = playing.move(log, actor, moves[(seed + k) % len(moves)].move)
            k += 1
    assert max(map(len, truths.values())) > 1  # there was something to keep back
    assert [at for at, texts in told.items() if len(texts) > 1] == []


# ------------------------------------------------------------------------------------------------ several at once


def test_a_move_that_comes_twice_counts_once(ask: Ask, tables: Tables) -> None:
    found = seated(ask, "Challenger", number=2)
    for _ in range(2):
        at: AtSeat = ask("seat", table=found.table, key=KEY, move="threaten", made=0).data
        assert at.made == 1
    assert "decided already" in wrong(ask("seat", table=found.table, key=KEY, move="keep_quiet", made=0))
    assert "say how many" in wrong(ask("seat", table=found.table, key=KEY, move="attack", made=True))
    assert "there is no move 'threaten' at deed" in wrong(
        ask("seat", table=found.table, key=KEY, move="threaten", made=1)
    )
    assert len(tables.read(found.table).log.moves) == 1


def test_with_the_mark_of_what_is_shown_it_is_not_sent_again(ask: Ask) -> None:
    found = seated(ask, "Challenger", number=2)
    first = ask("seat", table=found.table, key=KEY)
    again = ask("seat", table=found.table, key=KEY, mark=first.data.mark)
    assert (again.data.same, again.data.mark, dict(again.html)) == (True, first.data.mark, {})
    ask("seat", table=found.table, key=KEY, move="threaten", made=0)
    moved = ask("seat", table=found.table, key=KEY, mark=first.data.mark)
    assert not moved.data.same
    assert moved.data.mark != first.data.mark


@pytest.fixture
def worker(folders: tuple[Path, Path]) -> Ask:
    """A second worker: another workspace on the same folders."""
    return asking(Workspace({}, Store(folders[0]), plays=folders[1]))


def test_another_worker_goes_on_with_a_play(ask: Ask, worker: Ask, space: Workspace) -> None:
    draft = space.put(AT_ONCE, "a draft")  # which the other worker was never sent
    found = seated(ask, "A", case=draft)
    at: AtSeat = ask("seat", draft, table=found.table, key=KEY).data
    moved = worker("seat", "", table=found.table, key=KEY, move=at.moves[0].move, made=0)
    assert moved.data.made == 1
    assert ask("seat", draft, table=found.table, key=KEY) == moved
    over = ended(worker, found.table)
    assert over.phase == "over"
    assert ask("debrief", draft, table=found.table, key=KEY).html == worker("debrief", table=found.table, key=KEY).html


def test_of_moves_made_at_once_none_is_lost_and_none_counts_twice(ask: Ask, worker: Ask, tables: Tables) -> None:
    """Two workers, four windows: all make the first move of one seat at once."""
    for number in range(6):
        found = seated(ask, "Challenger", number=number)
        gate = threading.Barrier(4)
        told: list[tuple[str, Reply]] = []

        def make(of: Ask, move: str, gate: threading.Barrier = gate, table: str = found.table,
                 told: list[tuple[str, Reply]] = told) -> None:  # fmt: skip
            gate.wait()
            told.append((move, of("seat", table=table, key=KEY, move=move, made=0)))

        moves = [(ask, "threaten"), (worker, "keep_quiet"), (ask, "keep_quiet"), (worker, "threaten")]
        threads = [threading.Thread(target=make, args=each) for each in moves]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (made,) = tables.read(found.table).log.moves
        assert {move for move, reply in told if reply.data is not None} == {made.move}
        assert all("decided already" in wrong(reply) for _, reply in told if reply.data is None)


@pytest.fixture
def own(tmp_path: Path) -> Tables:
    return Tables(tmp_path / "plays")


def table_of(log: Log) -> Table:
    return Table(CASE, "", "", {}, log, {"Challenger": Seat(digest(KEY))})


def test_changes_of_a_table_are_made_one_after_another(own: Tables) -> None:
    """Forty changes by eight threads: each is made on what the one before left."""
    made = own.add(table_of(Log(CASE, "x", 0, 0, ("Challenger",))))

    def change() -> None:
        for _ in range(5):
            own.change(made.id, lambda t: replace(t, log=replace(t.log, seed=t.log.seed + 1)))

    threads = [threading.Thread(target=change) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert own.read(made.id).log.seed == 40
    files = list((own.folder / made.id).iterdir())
    assert [file.name for file in files if file.stat().st_size] == ["40.json"], "what was before is emptied"
    assert {file.suffix for file in files} == {".json"}, "nothing is left beside"


def test_tables_are_private_and_the_oldest_go(own: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detente.present.web.tables.MOST", 5)
    log = Log(CASE, "x", 0, 0, ("Challenger",))
    made = [own.add(table_of(log)) for _ in range(5)]
    own.change(made[0].id, lambda t: replace(t, log=replace(t.log, seed=1)))
    newest = own.add(table_of(log))
    assert own.folder.stat().st_mode & 0o077 == 0
    assert (own.folder / newest.id / "0.json").stat().st_mode & 0o077 == 0
    assert len(list(own.folder.iterdir())) == 5
    assert own.read(made[0].id).log.seed == 1, "it was touched last"
    with pytest.raises(QuestionError, match="not here any more"):
        own.read(made[1].id)
    assert MOST > 5


def test_keys_are_not_kept_and_size_is_bounded(own: Tables) -> None:
    made = own.add(table_of(Log(CASE, "x", 0, 0, ("Challenger",))))
    text = (own.folder / made.id / "0.json").read_text("utf-8")
    assert KEY not in text
    assert json.loads(text)["seats"]["Challenger"]["key"] == digest(KEY)
    with pytest.raises(QuestionError, match="too large"):
        own.add(replace(table_of(made.log), text="x" * 2_000_001))


def test_a_server_that_keeps_no_plays_says_so() -> None:
    reply = asking(Workspace())("sit", seats=["Challenger"], key=KEY)
    assert "keeps no plays" in wrong(reply)
