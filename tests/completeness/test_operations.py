"""Every operation of the model is either provided and tested, or stands in not_yet.txt, which may only shrink."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore import xform_name

from cognomen.operations import dispatch
from cognomen.operations.registry import REGISTRY
from cognomen.wire import model

HERE = Path(__file__).parent
NOT_YET = set((HERE / "not_yet.txt").read_text().split())
STORIES = "\n".join(path.read_text() for path in (HERE.parent / "operations").rglob("*.py"))


def test_the_model_has_the_operations_we_know() -> None:
    assert dispatch.run.__module__ == "cognomen.operations.dispatch"  # importing it has filled the registry
    assert len(model.load().operations) == 141


def test_an_operation_is_either_provided_or_in_the_list() -> None:
    assert set(REGISTRY) | NOT_YET == set(model.load().operations)
    assert set(REGISTRY) & NOT_YET == set(), "take what is provided now out of tests/completeness/not_yet.txt"


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_a_provided_operation_has_a_story(name: str) -> None:
    assert f".{xform_name(name)}(" in STORIES, f"no test in tests/operations calls {xform_name(name)}"
