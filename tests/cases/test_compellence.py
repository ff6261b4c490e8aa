"""The rival of the flagship: it changes what its text speaks of and nothing else, and says what its text says."""

from __future__ import annotations

import detente
from tests.docs.pages import Example, examples

LEE = {"lee", "lee_thread", "lee_december"}


def test_what_its_text_does_not_speak_of_is_left_alone() -> None:
    one, other = (detente.load(case) for case in ("ukraine-2022", "ukraine-2022-compellence"))
    entries = {"quantities": (one.quantities, other.quantities)}
    entries |= {actor: (one.payoffs[actor], other.payoffs[actor]) for actor in one.payoffs}
    assert other.outcomes.keys() - one.outcomes.keys() == {"battered"}
    assert one.outcomes.keys() <= other.outcomes.keys()
    assert [name for name in one.stages if str(one.stages[name]) != str(other.stages[name])] == ["posture"]
    assert other.stages["posture"].moves.keys() - one.stages["posture"].moves.keys() == {"strike"}
    assert {name: p.prior for name, p in one.private.items()} == {name: p.prior for name, p in other.private.items()}
    for section, (ours, theirs) in entries.items():
        for name, entry in theirs.items():
            if name not in ours or str(entry) != str(ours[name]):
                cited = {citation.source for citation in entry.source}
                assert cited & LEE or cited == {"judgement"}, f"{section}.{name} cites {cited}"
    changed = {n for n, q in other.quantities.items() if n in one.quantities and str(q) != str(one.quantities[n])}
    assert changed == {
        "set_on_subjugation", "quick_alone", "arms_effect", "backlash", "minsk_backlash", "climbdown_cost"
    }  # fmt: skip


def test_it_expects_force_where_the_flagship_does_not() -> None:
    one, other = (detente.run(case, draws=40) for case in ("ukraine-2022", "ukraine-2022-compellence"))
    gap = other.ask("P(posture in [invade, strike])") - one.ask("P(posture is invade)")
    assert gap.mean() > 1.96 * gap.std() / len(gap) ** 0.5
    share = {name: verdict.share.value for name, verdict in other.claims.items()}
    for name in ("inaction_costs_more", "few_ways_out", "force_rather_than_retreat", "force_without_occupation"):
        assert share[name] > 0.5, name
    assert share["victory_not_worth_it"] < 0.5 < one.claims["victory_not_worth_it"].share.value
    assert share["does_not_pay"] > 0.5  # the weak joint of the argument: keeping the army there costs less than a march


def test_one_screen_says_where_the_two_part_and_which_paragraph_decides() -> None:
    """What the command prints is on a page, whose examples are run (`tests.docs`)."""
    (shown,) = (
        example.shown for example in examples("docs/questions.md")
        if isinstance(example, Example) and "compare ukraine-2022 ukraine-2022-compellence" in example.text
    )  # fmt: skip
    assert len(shown.splitlines()) <= 40
    assert "..." not in shown.splitlines()
    assert "What decides: lee 2 and lee thread 4 (structure blow from afar)" in shown
    assert "hostility (lee 1, lee thread 7;" in shown
    assert "all else:" in shown
