"""The words of Detente, each defined once: the glossary of the docs, of every report and of `detente glossary`.

A word that a reader meets has one entry. Where the literature has another name for it, the entry says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from detente.errors import QuestionError, nearest


@dataclass(frozen=True)
class Entry:
    """A term and what it means. `also`: other names for it in the literature; `forms`: how it is written in a sentence
    of a report, the term itself included where there are none."""

    term: str
    means: str
    also: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    source: str = ""

    @property
    def key(self) -> str:
        """Its anchor on a page."""
        return "term-" + "-".join("".join(c if c.isalnum() else " " for c in self.term.lower()).split())

    @property
    def written(self) -> tuple[str, ...]:
        return self.forms or (self.term,)


GLOSSARY: tuple[Entry, ...] = (
    # the model
    Entry("case", "One crisis, written down in one file: who acts, in what order, with what at stake, and what is not known."),
    Entry("actor", "A state, government or person that chooses.", also=("player",), forms=("actor", "actors")),
    Entry("outcome", "One of the ways in which the crisis can end. Exactly one comes about in every history.",
          forms=("outcome", "outcomes")),
    Entry("stage", "A point of the sequence of events at which an actor chooses a move, or chance decides.",
          forms=("stage", "stages")),
    Entry("history", "One complete sequence of moves and chance events, from the beginning to an outcome.",
          also=("play", "terminal history"), forms=("history", "histories")),
    Entry("path to an outcome", "All histories that lead to an outcome by the same decisive steps, taken together.",
          forms=("path to an outcome", "paths to an outcome", "paths")),
    Entry("situation", "What an actor knows when it chooses. All histories that it cannot tell apart there belong to one situation.",
          also=("information set",), forms=("situation", "situations", "information set", "information sets")),
    Entry("private type", "Something about an actor that it knows and the others do not, such as its resolve; they hold a probability for each possibility.",
          forms=("private type", "private types"), source="Harsanyi 1967-68, Management Science 14"),
    Entry("quantity", "A number of the model: a cost, a probability, a rate. It has a range or distribution, and a source.",
          forms=("quantity", "quantities")),
    Entry("stake", "The unit of payoffs. What one stake stands for is said in the case.", forms=("stakes", "stake")),
    Entry("payoff term", "One part of an actor's payoff, such as the cost of sanctions. The terms of an actor add up to its payoff.",
          forms=("payoff term", "payoff terms")),
    Entry("mechanism", "A part of the argument that is named in the case, such as 'sanctions deter', with the quantities, payoff terms and events that carry it.",
          forms=("mechanism", "mechanisms")),
    Entry("assumption", "Whatever is put into the model and could be otherwise: a quantity, or what an actor takes a quantity for (a perception).",
          forms=("assumption", "assumptions")),
    Entry("claim", "A statement of the argument that the model can test, such as 'war is the least likely outcome'. It is tested in every draw.",
          forms=("claim", "claims")),
    Entry("built in", "A claim is built in where it comes out the same whatever the numbers are, so that it follows from the structure alone and tests nothing.",
          forms=("built in",)),
    Entry("comparative static", "A statement of direction that the argument implies: raise this quantity, and that probability rises.",
          forms=("comparative static", "comparative statics")),
    Entry("structure", "What a model holds fixed: who acts, in which order, who sees what. A case may carry rival structures, each with a probability.",
          forms=("rival structure", "rival structures")),
    # uncertainty about the numbers
    Entry("draw", "One value for every uncertain quantity, taken at random from its distribution. The game is solved in each draw.",
          also=("Monte Carlo sample",), forms=("draw", "draws")),
    Entry("90% of draws", "The range from the 5th to the 95th percentile over the draws: how much the answer varies with the assumptions. It is no statement about the world.",
          also=("90% uncertainty interval",), forms=("90% of draws",)),
    Entry("median draw", "Every quantity at its median: the base case, on which tipping points and maps are computed.",
          also=("base case",), forms=("median draw",)),
    Entry("prior standard deviation", "A change of an assumption measured on its own distribution: one prior standard deviation takes it from its median to its 84th or 16th percentile.",
          forms=("prior standard deviation", "prior standard deviations")),
    Entry("paired draws", "Two versions of a model solved in the same draws, so that only what was changed differs between them.",
          also=("common random numbers",), forms=("paired draws",)),
    Entry("seed", "The number that random draws start from. The same seed gives the same numbers, whatever the machine does in parallel.",
          forms=("seed",)),
    # behaviour
    Entry("quantal response equilibrium", "Actors choose better moves more often, but err; everybody's expectations of the others are right, errors included. Detente uses the logit form for sequential games.",
          also=("logit agent QRE",), forms=("quantal response equilibrium", "quantal response"),
          source="McKelvey & Palfrey 1998, Experimental Economics 1, 9-41"),
    Entry("precision", "How sharply actors choose: at 0 every move is equally likely, and as it grows the best move is chosen ever more often. Written as lambda in the literature.",
          also=("rationality parameter", "lambda"), forms=("precision", "precisions")),
    Entry("principal branch", "The one path of equilibria that leads from random choice, at precision 0, to the precision of the model without a break. It selects among several equilibria.",
          forms=("principal branch",), source="Turocy 2005, Games and Economic Behavior 51, 243-263"),
    Entry("pitchfork bifurcation", "A point of the principal branch at which other branches part from it to both sides.",
          also=("fork",), forms=("pitchfork bifurcation", "pitchfork bifurcations")),
    Entry("limit point", "A point at which the principal branch turns back, so that one precision has several equilibria on it.",
          also=("fold", "turning point"), forms=("limit point", "limit points")),
    Entry("certificate", "A check of every solution by code that shares nothing with the solver: how far it is from the equations, and what an actor could gain by deviating.",
          forms=("certificate",)),
    Entry("regret", "What an actor could gain at most by playing otherwise while the others keep their strategies: of a decision, by another move; of a whole game, by another strategy.",
          also=("exploitability", "largest gain from deviating"), forms=("regret",)),
    # perceptions
    Entry("perception", "What an actor takes a quantity for, where that differs from its true value.",
          forms=("perception", "perceptions")),
    Entry("common perceptions", "Every actor knows how the others see the quantities, and they agree to differ: a game with non-common priors.",
          also=("non-common priors",), forms=("common perceptions", "common perception")),
    Entry("private perceptions", "Every actor takes its own view for the truth, and believes that the others share it: a hypergame.",
          also=("hypergame",), forms=("private perceptions", "private perception"), source="Bennett 1977, Omega 5, 749-751"),
    Entry("perceived game", "The game as one actor believes it to be.", also=("subjective game",), forms=("perceived game",)),
    Entry("required beliefs", "What an actor would have to believe for a move to be its best: the beliefs nearest to the truth that make it so.",
          forms=("required beliefs",)),
    Entry("correct beliefs", "Seeing every quantity as it is. What correct beliefs would add is what misperception costs an actor.",
          forms=("correct beliefs",)),
    # sensitivity
    Entry("first-order effect", "The share of the variance of an answer that would go if one assumption were known.",
          also=("main effect", "Sobol' index S1"), forms=("first-order effect", "first-order effects"),
          source="Sobol' 1993, Mathematical Modelling and Computational Experiments 1, 407-414"),
    Entry("total effect", "The share of the variance that one assumption has a part in, alone or together with others.",
          also=("Sobol' index ST",), forms=("total effect", "total effects"), source="Homma & Saltelli 1996, Reliability Engineering & System Safety 52, 1-17"),
    Entry("breaking point", "The smallest joint change of assumptions, in prior standard deviations, that flips a claim, from true to false or back, starting from the median draw.",
          also=("design point", "minimal flip"), forms=("breaking point", "breaking points"),
          source="Hasofer & Lind 1974, Journal of the Engineering Mechanics Division 100, 111-121"),
    Entry("tipping point", "The value of one quantity at which the most likely outcome, or a claim, changes.",
          forms=("tipping point", "tipping points")),
    Entry("scenario discovery", "The search for simple ranges of a few quantities inside which something happens far more often than elsewhere.",
          also=("PRIM",), forms=("scenario discovery",), source="Bryant & Lempert 2010, Technological Forecasting and Social Change 77, 34-49"),
    Entry("ablation", "Switching off one mechanism at a time, to see which part of the argument carries the conclusion.",
          also=("knock-out",), forms=("ablation", "ablations")),
    Entry("intervention", "A move that is forced, written do(stage is move), without learning anything from the fact that it was made.",
          also=("do-operator",), forms=("intervention", "interventions"), source="Pearl 2009, Causality"),
    Entry("reweighting", "Answering for other beliefs from draws that are solved already, by giving each draw another weight.",
          also=("importance sampling",), forms=("reweighting", "reweighted")),
    # information and forecasts
    Entry("value of information", "How much the forecast would improve on average if an unknown became known.",
          also=("expected information gain", "VOI"), forms=("value of information",),
          source="Lindley 1956, Annals of Mathematical Statistics 27, 986-1005"),
    Entry("expected value of perfect information", "What knowing an unknown before choosing would be worth to an actor, in stakes; of a single unknown it is partial (EVPPI).",
          also=("EVPI", "EVPPI"), forms=("expected value of perfect information", "EVPPI"), source="Raiffa & Schlaifer 1961, Applied Statistical Decision Theory"),
    Entry("Brier score", "The squared distance between a forecast and what happened: 0 is perfect, 0.25 is a coin on a question of yes or no.",
          forms=("Brier score", "Brier scores"), source="Brier 1950, Monthly Weather Review 78, 1-3"),
    Entry("log score", "The logarithm of the probability that a forecast gave to what happened, with its sign turned: 0 is perfect.",
          also=("surprise", "ignorance score"), forms=("log score", "log scores"), source="Good 1952, Journal of the Royal Statistical Society B 14, 107-114"),
    Entry("calibration", "Whether, of all things called 70% likely, about 70% come about.", forms=("calibration", "calibrated")),
    Entry("base rate", "How often something came about in past cases of the same kind (a reference class).",
          also=("reference-class forecast",), forms=("base rate", "base rates")),
    Entry("lead time", "How long before the deadline, or before what happened, a forecast is made.",
          forms=("lead time", "lead times")),
    Entry("hazard", "A probability for each unit of time, so that a forecast does not depend on how finely time is cut.",
          forms=("hazard", "hazards")),
)  # fmt: skip
"""In the order of subjects; `alphabetical` has them by name."""


def alphabetical() -> list[Entry]:
    return sorted(GLOSSARY, key=lambda entry: entry.term.lower())


def entry_of(word: str) -> Entry:
    """The entry of a term, of another name for it or of one of its forms. Raises QuestionError."""
    wanted = word.casefold()
    for entry in GLOSSARY:
        if wanted in (name.casefold() for name in (entry.term, *entry.also, *entry.forms)):
            return entry
    raise QuestionError(f"the glossary has no {word!r}; {nearest(word, [entry.term for entry in alphabetical()])}")


def said(entry: Entry) -> str:
    """What it means, what else it is called, and where it comes from, as plain text."""
    also = f" Also called {', '.join(entry.also)}." if entry.also else ""
    source = f" ({entry.source})" if entry.source else ""
    return f"{entry.means}{also}{source}"
