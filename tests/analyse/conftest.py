"""A choice of one actor who misjudges what it costs, asked all that can be asked of perceptions."""

from __future__ import annotations

import pytest

import detente
from detente.study.questions.perceptions import Perceptions, perceptions
from tests.analyse.crises import CHOICE


@pytest.fixture(scope="module")
def choice() -> Perceptions:
    return perceptions(detente.loads(CHOICE), draws=300, swept=200, steps=5)
