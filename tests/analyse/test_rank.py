"""What is equal but for rounding keeps its order, so that no processor's last bit is seen in a list."""

from detente.analyse.finding import Finding
from detente.analyse.forecast.rank import likeliest, rankable
from detente.present.wording.playing import shares_in_words


def test_what_is_equal_but_for_rounding_keeps_its_order() -> None:
    less, more = 0.1 + 0.2, 0.3
    assert less != more
    for pair in ({"b": less, "a": more}, {"b": more, "a": less}):
        assert sorted(pair, key=lambda name: -rankable(pair[name])) == ["b", "a"]
        assert likeliest({name: Finding(name, p, p, p, 1) for name, p in pair.items()}) == "b"
        assert shares_in_words(pair).startswith("b ")


def test_what_differs_is_ranked() -> None:
    assert rankable(0.5) > rankable(0.5 - 1e-8)
    assert rankable(3e9) > rankable(3e9 - 10)
    assert rankable(-1e-300) == 0
