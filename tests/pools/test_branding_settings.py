from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.errors import Refusal
from cognomen.pools import branding_settings
from cognomen.pools.branding_settings import DEFAULTS, check, check_together, merged
from tests.bodies import JSON, spoiled


def paths(tree: Any, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """The ways to all leaves of a tree."""
    if not isinstance(tree, dict):
        return {path}
    return {found for name, inner in tree.items() for found in paths(inner, (*path, name))}


def nested(path: str, value: object) -> dict[str, Any]:
    for name in reversed(path.split(".")):
        value = {name: value}
    assert isinstance(value, dict)
    return value


def test_the_defaults_are_a_valid_document() -> None:
    check(DEFAULTS)


def test_everything_that_can_be_set_has_a_default() -> None:
    settable = paths(branding_settings._SETTINGS)
    by_name = {path for path in settable if branding_settings.ANY_NAME in path}
    assert settable - by_name == paths(DEFAULTS)
    assert DEFAULTS["components"]["idpButton"]["custom"] == {}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("categories.global.colorSchemeMode", "DYNAMIC"),
        ("categories.global.spacingDensity", "COMPACT"),
        ("categories.auth.federation.order", ["Google", "my company"]),
        ("categories.auth.authMethodOrder", [[{"display": "BUTTON", "type": "FEDERATED"}], []]),
        ("componentClasses.buttons.borderRadius", 0),
        ("componentClasses.buttons.borderRadius", 8.5),
        ("componentClasses.link.darkMode.hover.textColor", "AABBCCDD"),
        ("components.favicon.enabledTypes", ["SVG"]),
        ("components.idpButton.custom.Google.lightMode.hover.borderColor", "00000000"),
        ("components.form.logo.formInclusion", "OUT"),
    ],
)
def test_a_part_of_the_tree_may_be_given_alone(path: str, value: object) -> None:
    check(nested(path, value))


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("colour", "red", "is unknown"),
        ("categories", [], "must be an object"),
        ("categories.global.colorSchemeMode", "BRIGHT", "must be one of LIGHT, DARK, DYNAMIC"),
        ("categories.global.colorSchemeMode", None, "must be one of LIGHT, DARK, DYNAMIC"),
        ("categories.global.spacingDensity", "wide", "must be a name in capital letters"),
        ("categories.form.displayGraphics", 1, "must be true or false"),
        ("categories.form.location.vertical", "TOP", "must be one of START, CENTER, END"),
        ("categories.auth.authMethodOrder", ["x"], "must be a list of at most 10 lists of sign-in methods"),
        ("categories.auth.federation.order", ["a\0"], "must be a list of at most 300 names"),
        (
            "categories.signUp.acceptanceElements",
            [{"enforcement": "NONE"}],
            "must be a list of at most 10 objects with enforcement and textKey",
        ),
        ("componentClasses.buttons.borderRadius", True, "must be a number of pixels from 0 to 100"),
        ("componentClasses.buttons.borderRadius", -1, "must be a number of pixels from 0 to 100"),
        (
            "componentClasses.divider.lightMode.borderColor",
            "#ffffff",
            "must be eight hexadecimal digits, RRGGBBAA",
        ),
        (
            "componentClasses.divider.lightMode.borderColor",
            "ffffffff\n",
            "must be eight hexadecimal digits, RRGGBBAA",
        ),
        ("components.favicon.enabledTypes", ["GIF"], "must be a list of at most 2 of ICO, SVG"),
        ("components.idpButton.custom", {str(n): {} for n in range(301)}, "must have at most 300 members"),
    ],
)
def test_a_fault_is_told_with_its_place(path: str, value: object, reason: str) -> None:
    with pytest.raises(Refusal) as caught:
        check(nested(path, value))
    assert caught.value.type == "InvalidParameterException"
    assert caught.value.message == f"Invalid Settings: $.{path} {reason}."


def test_a_document_upon_another_may_not_name_too_many_providers() -> None:
    check_together(nested("components.idpButton.custom", {str(n): {} for n in range(300)}))
    check_together({"later": 1})
    with pytest.raises(Refusal, match=r"\$\.components\.idpButton\.custom must have at most 300 members"):
        check_together(nested("components.idpButton.custom", {str(n): {} for n in range(301)}))


def test_a_name_that_cannot_be_kept_is_unknown() -> None:
    with pytest.raises(Refusal):
        check({"components": {"idpButton": {"custom": {"\ud800": {}}}}})


@given(spoiled(st.just(DEFAULTS)))
def test_a_spoiled_document_is_refused_or_can_be_kept(document: dict[str, Any]) -> None:
    try:
        check(document)
    except Refusal:
        return
    assert paths(document)
    for value in texts(document):
        assert value.isprintable()


@given(st.dictionaries(st.text(max_size=5), JSON, min_size=1))
def test_any_other_document_is_refused(document: dict[str, Any]) -> None:
    if not document.keys() <= DEFAULTS.keys():
        with pytest.raises(Refusal):
            check(document)


def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for name, inner in value.items() for text in [name, *texts(inner)]]
    return [text for inner in value for text in texts(inner)] if isinstance(value, list) else []


def test_a_document_laid_upon_another_changes_what_it_says_and_no_more() -> None:
    below = {"a": {"b": 1, "c": [1, 2]}, "d": 2}
    assert merged(below, {"a": {"c": [3]}, "e": {"f": 4}}) == {"a": {"b": 1, "c": [3]}, "d": 2, "e": {"f": 4}}
    assert below == {"a": {"b": 1, "c": [1, 2]}, "d": 2}


TREES = st.recursive(
    st.integers(), lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3), max_leaves=6
).filter(lambda tree: isinstance(tree, dict))


@given(TREES, TREES)
def test_laying_a_document_twice_changes_no_more_than_once(below: Any, on_top: Any) -> None:
    once = merged(below, on_top)
    assert merged(once, on_top) == once
    assert merged(below, {}) == below
    assert merged({}, on_top) == on_top
