"""The page about sources is the registry's."""

from __future__ import annotations

from tests.docs.sources_page import PAGE, page


def test_the_page_is_the_one_that_the_registry_makes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.docs.sources_page writes it"
