"""The quickest look: the form is live, and asks nobody else."""

import pytest
from tests.e2e.steps import fill, message_at

pytestmark = pytest.mark.e2e


def test_the_form_says_what_is_wrong_while_one_types(page):
    page.goto("/datasets")
    page.get_by_role("link", name="Create new").click()
    fill(page, name="Not A Name", root="/etc")
    assert "letters" in message_at(page, "name")
    assert "below" in message_at(page, "root")
    assert page.get_attribute("#f-name", "aria-invalid") == "true"
    assert page.locator("#f-licence-wrong").inner_text() == ""  # nobody was there yet
    fill(page, name="a-name")
    page.locator("#f-name-wrong:empty").wait_for(state="attached")
    assert page.get_attribute("#f-name", "aria-invalid") is None
    assert page.locator("#live").inner_text() == "1 thing to be put right"
