"""From a case to its answers: read this first.

    file -> Model -> Tree -> Game (numbers, n draws) -> Solution -> Finding -> Study

`run` walks this way once. It calls the rooms and computes nothing itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from detente.analyse.evidence.outside import Answered, PriorCheck, answered, checks
from detente.analyse.evidence.then import Then, known_then, then
from detente.analyse.finding import Finding
from detente.analyse.forecast.claims import Question, Verdict, compare, judge
from detente.analyse.forecast.outcomes import LikelyPlay, Way, most_likely
from detente.analyse.forecast.rank import likeliest
from detente.analyse.forecast.settled import Settled, extreme
from detente.analyse.forecast.structures import Combination, Presence, combination, presence, share
from detente.analyse.forecast.subject import YES_NO, Reading
from detente.analyse.sensitivity.main_effects import Driver, drivers, sliced
from detente.arrays import Bools, Bytes, Floats, Longs
from detente.display import Explorable
from detente.draws.sampler import Draws
from detente.engine.batch import Batch
from detente.engine.engine import Solving
from detente.engine.rivals import held_apart
from detente.errors import QuestionError, nearest
from detente.game.blueprint import Blueprint
from detente.game.tree import Game
from detente.model.ask import read_question
from detente.model.blocks import weight_of
from detente.model.schema import Model
from detente.model.structural import inner
from detente.solve.base import Status, advice
from detente.study.memo.findings import once
from detente.study.memo.parts import Part, claim_draws
from detente.study.memo.rerun import Again
from detente.study.memo.settled import settled
from detente.study.settings import How, Ready

Progress = Callable[[int, int], None]


def _joined(pieces: Iterable[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    return np.concatenate(list(pieces), axis=-1)


class _Span(NamedTuple):
    """The behaviour in n draws, [A, n]; `believed` in each player's eyes, empty where all see alike."""

    n: int
    behaviour: Floats
    believed: tuple[Floats, ...]


@dataclass(frozen=True, eq=False)
class Study(Explorable):
    """A solved crisis: what was asked, what was done, and the answers.

    Arrays over draws are in the order of the draws. What is not kept is worked out again when it is asked for.
    """

    again: Again = field(repr=False)
    draws: Draws
    parts: tuple[Part, ...] = field(repr=False)
    interrupted: bool
    seconds: float

    @property
    def model(self) -> Model:
        return self.again.ready.model

    @property
    def engine(self) -> Solving:
        return self.again.ready.engine

    @property
    def asked(self) -> int:
        """How many draws were asked for."""
        return self.again.ready.draws

    @property
    def n(self) -> int:
        """How many are solved."""
        return self.draws.n

    @property
    def ready(self) -> Ready:
        """The model and its solver, for questions about the draws that are solved."""
        return replace(self.again.ready, draws=self.n, progress=None)

    @property
    def how(self) -> How:
        """How other questions are to be answered in the same way."""
        ready, bare = self.again.ready, self.engine.bare
        return How(
            seed=ready.seed, perception=bare.perception, method=bare.method, workers=bare.workers, store=ready.store,
            executor=bare.executor,
        )  # fmt: skip

    @property
    def blueprint(self) -> Blueprint:
        """The compiled model, compiled when it is first needed."""
        return self.again.blueprint

    def _said(self) -> list[str]:
        first = max(self.outcomes, key=lambda name: self.outcomes[name].value)
        return [f"{self.n:,} draws", f"most likely {first} {self.outcomes[first].value:.1%}"]

    # ------------------------------------------------------------------ answers

    @cached_property
    def outcomes(self) -> dict[str, Finding]:
        """The probability of each outcome, with its 90% interval over the analyst's uncertainty."""
        method = self.parts[0].method
        return {name: Finding.of(name, self.outcome_draws(name), method) for name in self.model.outcomes}

    def outcome_draws(self, name: str) -> Floats:
        """[n] the probability of an outcome in each draw."""
        if name not in self.model.outcomes:
            raise QuestionError(f"there is no outcome {name!r}; {nearest(name, self.model.outcomes)}")
        return _joined(part.outcomes[name] for part in self.parts)

    @cached_property
    def answer(self) -> Answered | None:
        """The answer to the case's question, where the case says what answers it."""
        return answered(self.model, self.ask, self._outcomes)

    @cached_property
    def then(self) -> Then | None:
        """The forecast as known on the as-of date, off the same draws; None where nothing was known by then that bears
        on the model, or the study itself is as of a day."""
        known = known_then(self.model) if self.model._updated is None else None
        if known is None:
            return None
        return once(self.ready, Then, lambda: then(self.blueprint, known, self.batches()), "then")

    @cached_property
    def structures(self) -> dict[str, Presence]:
        """Each rival structure that some draws have and others do not: what is forecast with it, and without it."""
        rivals, answer = self.model._rivals, self._asked
        names = rivals.names if rivals else ()
        return {
            name: presence(
                self.model.quantities[name].means, self.draws.truth[weight_of(name)], self.draws.truth[name] != 0,
                self._outcomes, answer,
            )
            for name in names
        }  # fmt: skip

    @cached_property
    def combinations(self) -> dict[str, Combination]:
        """The combinations of rival structures, by what is present: what follows in each."""
        members = self.blueprint.members if self.model._rivals else None
        if members is None:
            return {}
        which = members.which(self.blueprint.tape, self.draws)
        claims = {name: self.claim_draws(name) for name in self.model.claims}
        return {
            name: combination(which == k, member.tree.n_nodes, self._outcomes, claims, self._asked)
            for k, (name, member) in enumerate(zip(members.names, members.blueprints, strict=True))
        }

    @cached_property
    def structure(self) -> Finding | None:
        """The share of the variance of the answer (else of the most likely outcome) that structure explains by itself;
        None where there is one structure. With interactions: `detente.sense`."""
        members = self.blueprint.members if self.model._rivals else None
        if members is None:
            return None
        values = self._asked if self._asked is not None else self.outcome_draws(likeliest(self.outcomes))
        return share(members.which(self.blueprint.tape, self.draws), values)

    @property
    def _outcomes(self) -> dict[str, Floats]:
        return {name: self.outcome_draws(name) for name in self.model.outcomes}

    @property
    def _asked(self) -> Floats | None:
        """[n] the answer to the case's question, if it has one."""
        return self.ask(self.model.answer.asks.text) if self.model.answer else None

    @cached_property
    def checks(self) -> list[PriorCheck]:
        """Where the forecasts of others and the base rates fall in this model's own distribution of the same events."""
        return checks(self.model, self.ask)

    @cached_property
    def ways(self) -> dict[Way, Finding]:
        """The probability of each way to each outcome."""
        return {way: Finding.of(str(way), _joined(part.ways[way] for part in self.parts)) for way in self.parts[0].ways}

    @cached_property
    def mechanisms(self) -> dict[tuple[str, str], Finding]:
        """The probability that a mechanism was at work and an outcome followed."""
        return {
            key: Finding.of(" and ".join(key), _joined(part.mechanisms[key] for part in self.parts))
            for key in self.parts[0].mechanisms
        }

    @cached_property
    def claims(self) -> dict[str, Verdict]:
        """The verdict on each claim."""
        found = {}
        for name, claim in self.model.claims.items():
            compared = compare(claim.holds, _joined(part.beside[name] for part in self.parts))
            found[name] = judge(name, claim.says, self.claim_draws(name), compared)
        return found

    @property
    def settled(self) -> Mapping[str, Settled]:
        """Which claims test nothing: they are built in, or restate their inputs; nothing of an interrupted run.

        A large tree, or one for few draws, was not solved again for it.
        """
        if self.again.settled is None and not self.interrupted:
            self.again.settled = self._settled(thorough=False)
        return self.again.settled or {}

    def settles(self) -> Mapping[str, Settled]:
        """The same, whatever it takes."""
        left = [name for name, s in self.settled.items() if not s.built_in and math.isnan(s.widened)]
        if not any(extreme(self.claim_draws(name)) for name in left):
            return self.settled
        return self._settled(thorough=True)

    def _settled(self, thorough: bool) -> Mapping[str, Settled]:
        questions = {name: Question(self.blueprint, c.holds.expression) for name, c in self.model.claims.items()}
        held = claim_draws(self.parts)
        return settled(self.ready, self.blueprint, questions, self.draws, held, thorough) if held else {}

    def claim_draws(self, name: str) -> Floats:
        """[n] 1 where a claim holds, 0 where it does not, nan where it cannot be judged."""
        if name not in self.model.claims:
            raise QuestionError(f"there is no claim {name!r}; {nearest(name, self.model.claims)}")
        return _joined(part.claims[name] for part in self.parts)

    @cached_property
    def coming(self) -> Floats:
        """[H] the mean probability of coming to each information set."""
        return sum((part.coming for part in self.parts), np.zeros(self.blueprint.tree.n_infosets)) / self.n

    @cached_property
    def weights(self) -> Floats:
        """[terminals] the mean probability of each whole play."""
        total = np.zeros(len(self.blueprint.tree.terminals))
        for batch in self.batches():
            total += batch.endings.sum(axis=1)
        return total / self.n

    def plays(self, count: int = 5) -> list[LikelyPlay]:
        """The most likely whole plays."""
        endings = np.concatenate([batch.endings for batch in self.batches()], axis=1)
        return most_likely(self.blueprint, endings, count)

    def drivers(self, of: str | Floats) -> list[Driver]:
        """The uncertain quantities in the order of what an answer owes to them: a claim, an outcome, or [n] numbers.

        Those that explain no more than noise would are left out (see `analyse.sensitivity.main_effects`).
        """
        if not isinstance(of, str):
            return drivers(of, self.assumptions, self._slices)
        if of not in self._drivers:
            self._drivers[of] = once(self.ready, list[Driver], partial(self._driven, of), "drivers", of)
        return self._drivers[of]

    def _driven(self, of: str) -> list[Driver]:
        claim = of in self.model.claims
        answer, beside = (self.claim_draws(of), len(self.model.claims)) if claim else (self.outcome_draws(of), 1)
        return drivers(answer, self.assumptions, self._slices, beside)

    @cached_property
    def _drivers(self) -> dict[str, list[Driver]]:
        """By answer, what was worked out."""
        return {}

    @cached_property
    def _slices(self) -> dict[str, Longs]:
        return {name: sliced(x) for name, x in self.assumptions.items()}

    @cached_property
    def assumptions(self) -> dict[str, Floats]:
        """[n] each quantity in truth, and `quantity seen by actor` where an actor sees it otherwise; each structure as
        1 where it is present, and 0 where it is not."""
        hidden = inner(self.model)
        found = {name: value for name, value in self.draws.truth.items() if name not in hidden}
        for actor, seen in self.draws.views.items():
            for name, value in seen.items():
                if actor in self.model.quantities[name].seen_by:
                    found[f"{name} seen by {actor}"] = value
        return found

    def ask(self, question: str) -> Floats:
        """[n] the answer to a question in the language of claims, in each draw: `ask("P(outcome is war)")`."""
        if question in self.parts[0].asked:
            return _joined(part.asked[question] for part in self.parts)
        asked = Question(self.blueprint, read_question(self.model, question))
        return np.concatenate([asked(batch) for batch in self.batches()])

    def reading(self, asked: Reading) -> Floats:
        """[m, n] the answer to a question that was read, in each draw, from what is kept where it is kept."""
        if asked.text in self.model.outcomes:
            return self.outcome_draws(asked.text)[None]
        if asked.text in self.model.claims:
            values = self.claim_draws(asked.text)
            return np.where(np.isnan(values), np.nan, values != 0)[None]
        if asked.text in self.parts[0].asked and asked.kind != YES_NO:
            return self.ask(asked.text)[None]
        if asked.of_forecast is not None:
            return asked.of_forecast(np.array([self.outcome_draws(name) for name in self.model.outcomes]))
        return np.concatenate([asked(batch) for batch in self.batches()], axis=1)

    # ------------------------------------------------------------------ certificate

    @cached_property
    def residual(self) -> Floats:
        """[n] the fixed-point residual of each draw."""
        return _joined(part.residual for part in self.parts)

    @cached_property
    def gain(self) -> Floats:
        """[P, n] what each actor could win by changing its whole strategy, as it sees the game."""
        return _joined(part.gain for part in self.parts)

    @cached_property
    def status(self) -> Bytes:
        """[n] what became of each draw, a `Status`."""
        return np.asarray(_joined(part.status for part in self.parts))

    @cached_property
    def converged(self) -> Bools:
        """[n] whether the draw was followed to its precision, with a residual of at most 1e-8.

        With a method of unlimited precision the residual says nothing at a mixed equilibrium; then it is whether no
        actor can gain more than a thousandth of a stake.
        """
        return np.asarray(_joined(part.converged for part in self.parts))

    @property
    def advice(self) -> str:
        """What to do about the draws that did not converge; empty if all did."""
        lost = ~self.converged
        return advice(self.method, bool((self.status[lost] == Status.STOPPED).any())) if lost.any() else ""

    @property
    def unlimited(self) -> bool:
        """Whether precision played no part: the solver does not use it, or it is without limit."""
        return any(part.unlimited for part in self.parts)

    @cached_property
    def forked(self) -> Bools:
        """[n] whether the branch went straight through a bifurcation, where others part from it that are as good."""
        return np.asarray(_joined(part.forked for part in self.parts))

    @property
    def method(self) -> str:
        return self.parts[0].method

    @property
    def reason(self) -> str:
        """Why this method was chosen."""
        return self.parts[0].reason

    @property
    def references(self) -> tuple[str, ...]:
        """The references of the methods that were really used."""
        return tuple(dict.fromkeys(r for part in self.parts for r in part.references))

    def batches(self, first: int | None = None) -> Iterator[Batch]:
        """The solved draws again, or the first of them, batch by batch, with the numbers of their games."""
        for start, part in self._spans(first):
            draws = self.draws.part(start, start + part.n)
            made = partial(self.blueprint.game, draws)
            worlds = self.engine.worlds(self.blueprint, self.draws, {}, (start, start + part.n))
            seen = partial(self._seen, part, draws) if part.believed else None
            yield held_apart(Batch(self.blueprint, draws, made, part.behaviour, seen, worlds))

    def _seen(self, part: _Span, draws: Draws) -> list[tuple[Game, Floats]]:
        """[P] the game and the behaviour of everybody as each player believes them to be, where these differ."""
        eyes = [p if draws.views.get(p) else "" for p in self.blueprint.tree.players]
        games = {view: self.blueprint.game(draws, view) for view in dict.fromkeys(eyes)}
        return [(games[view], believed) for view, believed in zip(eyes, part.believed, strict=True)]

    def _spans(self, first: int | None) -> Iterator[tuple[int, _Span]]:
        """The number of the first draw of each part, and its behaviour, up to some draw."""
        start, stop = 0, self.n if first is None else first
        for part in self.parts:
            n = min(part.n, stop - start)
            if n > 0:
                yield start, _Span(n, part.behaviour[:, :n], tuple(b[:, :n] for b in part.believed))
            start += part.n
