"""Every operation of the model is provided and tested."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore import xform_name

from cognomen.operations import dispatch
from cognomen.operations.registry import REGISTRY
from cognomen.wire import model

STORIES = "\n".join(path.read_text() for path in (Path(__file__).parents[1] / "operations").rglob("*.py"))


def test_the_model_has_the_operations_we_know() -> None:
    assert dispatch.run.__module__ == "cognomen.operations.dispatch"  # importing it has filled the registry
    assert len(model.load().operations) == 141


def test_every_operation_is_provided() -> None:
    assert set(REGISTRY) == set(model.load().operations)


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_a_provided_operation_has_a_story(name: str) -> None:
    assert f".{xform_name(name)}(" in STORIES, f"no test in tests/operations calls {xform_name(name)}"
