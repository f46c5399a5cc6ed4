"""Plugin of pytest: run the test cases that have one of Odoo's tags, as `odoo --test-tags` does."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--odoo-tag", required=True, help="Run the test cases tagged with this.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # Not reported as deselected: they are another part's tests.
    items[:] = [item for item in items if config.getoption("odoo_tag") in item.cls.test_tags]
