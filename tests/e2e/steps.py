"""What people do on the pages, for any test."""

import re

STATED = {"licence": "for research only", "consent": "taken for a study, no form is published"}


def fill(page, **fields):
    for name, value in fields.items():
        page.fill(f"#f-{name}", value)


def create(page, name, root, **fields):
    """Describe a data set and save it."""
    page.goto("/new")
    fill(page, name=name, root=str(root), **{**STATED, **fields})
    save(page)
    page.wait_for_url(f"**/datasets/{name}")


def save(page):
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()


def checked(page, name):
    """Wait until the job that looks at it has ended, and what it found is shown."""
    page.goto(f"/datasets/{name}")
    page.get_by_text(re.compile("Looking at the files: done")).wait_for()
    page.get_by_role("heading", name="Contact sheet").wait_for()


def message_at(page, field):
    """The message that stands at a field, waited for."""
    place = page.locator(f"#f-{field}-wrong:not(:empty)")
    place.wait_for()
    return place.inner_text()
