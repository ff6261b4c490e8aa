"""From a case to its answers: read this first.

    file -> Model -> Tree -> Game (numbers, n draws) -> Solution -> Finding -> Study

`run` walks this way once. It calls the rooms and computes nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from detente.analyse.evidence.score import Score, scores
from detente.analyse.finding import Finding
from detente.analyse.forecast.claims import Question, Verdict, judge
from detente.analyse.forecast.outcomes import LikelyPlay, Way, most_likely
from detente.analyse.forecast.why import Why
from detente.analyse.sensitivity.main_effects import Driver, drivers, sliced
from detente.arrays import Bools, Bytes, Floats, Longs
from detente.draws.sampler import Draws
from detente.engine.batch import Batch
from detente.engine.engine import Engine
from detente.errors import QuestionError, nearest
from detente.game.blueprint import Blueprint
from detente.model.schema import Model
from detente.solve.base import TOLERANCE, Status, advice
from detente.study.memo.parts import Part
from detente.study.memo.rerun import Again
from detente.study.questions.why import why

if TYPE_CHECKING:
    import pandas
    import xarray

    from detente.analyse.sensitivity.local import Local

Progress = Callable[[int, int], None]


def _joined(pieces: Iterable[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    return np.concatenate(list(pieces), axis=-1)


@dataclass(frozen=True, eq=False)
class Study:
    """A solved crisis: what was asked, what was done, and the answers.

    Arrays over draws are in the order of the draws. What is not kept is worked out again when it is asked for.
    """

    model: Model
    engine: Engine
    draws: Draws
    parts: tuple[Part, ...] = field(repr=False)
    asked: int
    interrupted: bool
    seconds: float
    again: Again = field(repr=False)

    @property
    def n(self) -> int:
        return self.draws.n

    @property
    def blueprint(self) -> Blueprint:
        """The compiled model, compiled when it is first needed."""
        return self.again.blueprint

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
        return {name: judge(name, claim.says, self.claim_draws(name)) for name, claim in self.model.claims.items()}

    def claim_draws(self, name: str) -> Floats:
        """[n] 1 where a claim holds, 0 where it does not, nan where it cannot be judged."""
        if name not in self.model.claims:
            raise QuestionError(f"there is no claim {name!r}; {nearest(name, self.model.claims)}")
        return _joined(part.claims[name] for part in self.parts)

    @cached_property
    def scores(self) -> list[Score]:
        """The forecasts of others beside this model's probability of the same, and how both did."""
        return scores(self.model, self.ask)

    def plays(self, count: int = 5) -> list[LikelyPlay]:
        """The most likely whole plays."""
        endings = np.concatenate([batch.endings for batch in self.batches()], axis=1)
        return most_likely(self.blueprint, endings, count)

    def why(
        self,
        who: str | None = None,
        move: str | None = None,
        against: str | None = None,
        infoset: int | None = None,
        *,
        given: str | None = None,
        period: int | None = None,
        every: bool = False,
    ) -> list[Why]:
        """The payoff terms that make a move better or worse than another.

        `who`: an actor or a stage (default: every stage at which somebody decides). At each, the situation that is
        reached most often, or with `every` all of them. `given`: only where the one who decides knows this to hold,
        such as `voice is warn`; `period`: only in this one, counted from 1; `infoset`: this one, by number.
        Raises QuestionError for what is not there.
        """
        return why(self, who, move, against, infoset, given=given, period=period, every=every)

    def drivers(self, of: str | Floats) -> list[Driver]:
        """The uncertain quantities in the order of what an answer owes to them: a claim, an outcome, or [n] numbers.

        Those that explain no more than noise would seem to are left out (see `analyse.sensitivity.main_effects`).
        """
        if not isinstance(of, str):
            return drivers(of, self.assumptions, self._slices)
        if of not in self._drivers:
            answer = self.claim_draws(of) if of in self.model.claims else self.outcome_draws(of)
            self._drivers[of] = drivers(answer, self.assumptions, self._slices)
        return self._drivers[of]

    @cached_property
    def _drivers(self) -> dict[str, list[Driver]]:
        """By answer, what was worked out."""
        return {}

    @cached_property
    def _slices(self) -> dict[str, Longs]:
        return {name: sliced(x) for name, x in self.assumptions.items()}

    def gradients(self, of: str = "outcome") -> Local:
        """By how much an answer changes with each assumption, moved a little; see `study.local.local`."""
        from detente.study.questions.gradients import local

        return local(self, of)

    @cached_property
    def assumptions(self) -> dict[str, Floats]:
        """[n] each quantity in truth, and `quantity seen by actor` where an actor sees it otherwise."""
        found = dict(self.draws.truth)
        for actor, seen in self.draws.views.items():
            for name, value in seen.items():
                if actor in self.model.quantities[name].seen_by:
                    found[f"{name} seen by {actor}"] = value
        return found

    def ask(self, question: str) -> Floats:
        """[n] the answer to a question in the language of claims, in each draw: `ask("P(outcome is war)")`."""
        from detente.model.ask import read_question

        asked = Question(self.blueprint, read_question(self.model, question))
        return np.concatenate([asked(batch) for batch in self.batches()])

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
        good = np.asarray(self.gain.max(axis=0) <= 1e-3 if self.unlimited else self.residual <= TOLERANCE)
        return np.asarray(good & (self.status != Status.STOPPED))

    @property
    def unlimited(self) -> bool:
        """Whether precision played no part: every method but quantal response at a precision."""
        return any(part.unlimited for part in self.parts)

    @cached_property
    def forked(self) -> Bools:
        """[n] whether the branch went straight through a fork of a symmetric game, whose mirror images are as good."""
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

    def batches(self) -> Iterator[Batch]:
        """The solved draws again, batch by batch, with the numbers of their games."""
        start = 0
        for part in self.parts:
            draws = self.draws.part(start, start + part.n)
            game = self.blueprint.game(draws)
            if part.believed:
                eyes = [p if draws.views.get(p) else "" for p in self.blueprint.tree.players]
                games = {view: self.blueprint.game(draws, view) for view in dict.fromkeys(eyes)}
                views = [(games[view], believed) for view, believed in zip(eyes, part.believed, strict=True)]
            else:
                views = [(game, part.behaviour)] * self.blueprint.tree.n_players
            yield Batch(self.blueprint, draws, game, part.behaviour, views)
            start += part.n

    # ------------------------------------------------------------------ to other forms

    def as_dict(self) -> dict[str, Any]:
        """What `detente run --json` prints."""
        players = tuple(self.model.actors)
        bad = int((~self.converged).sum())
        return {
            "case": self.model.name,
            "draws": self.n,
            "seed": self.draws.seed,
            "outcomes": {name: finding.as_dict() for name, finding in self.outcomes.items()},
            "claims": {name: {"holds": v.holds, "share": v.share.value} for name, v in self.claims.items()},
            "certificate": {
                "converged": float(self.converged.mean()),
                "max_residual": float(self.residual.max()),
                "max_gain": {player: float(self.gain[p].max()) for p, player in enumerate(players)},
                "unconverged_draws": bad,
                "traced_draws": int((self.status == Status.TRACED).sum()),
                "forked_draws": int(self.forked.sum()),
                "advice": advice(self.method) if bad else "",
            },
            "method": self.method,
            "perception": self.engine.perception,
            "interrupted": self.interrupted,
        }

    def dataset(self) -> xarray.Dataset:
        """Everything by draw, as an xarray Dataset with named dimensions."""
        from detente.study.tables import dataset

        return dataset(self)

    def table(self) -> pandas.DataFrame:
        """One row per draw: quantities, outcome probabilities, claims, certificate."""
        from detente.study.tables import table

        return table(self)

    def to_netcdf(self, path: str | Path) -> None:
        """Write `dataset()` to a netCDF file."""
        self.dataset().to_netcdf(path, engine="h5netcdf")
