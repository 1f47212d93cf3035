from __future__ import annotations

from pathlib import Path

from tests.completeness.settings_page import page

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_of_settings_is_what_the_settings_say() -> None:
    assert PAGE.read_text() == page(), "run: python -m tests.completeness.settings_page > docs/settings.md"
