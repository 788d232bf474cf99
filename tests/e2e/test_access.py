"""For everybody: no violation that axe-core finds, keyboards, small screens, no scripts."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.e2e.steps import STATED, checked, create, fill, save

pytestmark = [pytest.mark.e2e, pytest.mark.sample]
LOOKS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 360, "height": 740}},
}


def violations(page):
    """What axe-core finds, and whether the page has to be pushed sideways."""
    found = [
        f"{page.url}: {one['id']}: {[node['html'] for node in one['nodes']][:3]}"
        for one in Axe().run(page).response["violations"]
    ]
    over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return found + ([f"{page.url} is {over} pixels too wide"] if over > 0 else [])


@pytest.mark.parametrize("look", LOOKS)
def test_no_page_has_a_violation(open_page, studio, look):
    page = open_page(reduced_motion="reduce", **LOOKS[look])  # nothing is caught half way
    name = f"access-{look}"
    create(page, name, studio.pictures, details="long details " * 20)
    checked(page, name)
    found = violations(page)
    places = ("/datasets", "/datasets?search=nothing", "/nowhere", "/login")
    for place in (*places, f"/datasets/{name}/delete", f"/datasets/{name}/runs"):
        page.goto(place)
        found += violations(page)
    found += violations(with_errors(page))
    found += violations(with_preview(page, name, studio))
    found += violations(with_dialog(page, name))
    found += violations(with_conflict(page, open_page(), name))
    found += violations(with_restored(page, studio))
    assert not found, "\n".join(found)


def with_errors(page):
    page.goto("/new")
    save(page)
    assert page.evaluate("document.activeElement.className") == "summary"
    return page


def with_preview(page, name, studio):
    page.goto(f"/datasets/{name}/edit")
    page.set_input_files("#picture", studio.pictures / "s1/1.png")
    page.select_option("#model", "tiny")
    page.get_by_role("button", name="Preview").click()
    page.locator("#preview figure").first.wait_for()
    return page


def with_dialog(page, name):
    page.goto(f"/datasets/{name}")
    page.get_by_role("link", name="Delete").click()
    page.locator("dialog[open]").wait_for()
    return page


def with_conflict(page, other, name):
    for one in (page, other):
        one.goto(f"/datasets/{name}/edit")
        fill(one, details=f"by {id(one)}")
    save(other)
    save(page)
    return page


def with_restored(page, studio):
    page.goto("/models")
    page.set_input_files("#picture", studio.pictures / "s1/1.png")
    page.get_by_role("button", name="Restore").click()
    page.get_by_role("slider").wait_for()
    return page


def test_a_keyboard_is_enough(page, studio):
    create(page, "keys", studio.pictures)
    page.goto("/datasets?search=keys")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.get_by_role("link", name="Delete keys").focus()
    page.keyboard.press("Enter")
    page.locator("dialog[open]").wait_for()
    page.keyboard.press("Escape")
    assert not page.locator("dialog[open]").count()
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Delete keys"


def test_light_and_dark_are_chosen_and_remembered(page):
    page.goto("/datasets")
    page.get_by_role("button", name="Dark").click()
    page.locator("html[data-theme=dark]").wait_for()
    assert page.get_by_role("button", name="Dark").get_attribute("aria-pressed") == "true"
    page.goto("/models")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.get_by_role("button", name="Auto").click()
    page.locator("html:not([data-theme])").wait_for()


def test_without_scripts_all_but_what_is_live_works(open_page, studio):
    page = open_page(java_script_enabled=False)
    page.goto("/new")
    fill(page, name="plain", **STATED)
    save(page)
    assert page.get_by_role("heading", name="One thing has to be put right").is_visible()
    fill(page, root=str(studio.pictures))
    page.set_input_files("#picture", studio.pictures / "s1/1.png")
    with page.expect_navigation():
        page.get_by_role("button", name="Preview").click()
    assert page.locator("#preview figure").count() == 2
    assert page.input_value("#f-root") == str(studio.pictures)
    save(page)
    page.goto("/datasets?search=plain")
    with page.expect_navigation():
        page.get_by_role("link", name="Delete plain").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Delete plain").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Undo").click()
    assert page.get_by_text("plain is back.").is_visible()
    page.get_by_role("button", name="Dark").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.goto("/models")
    page.set_input_files("#picture", studio.pictures / "s1/1.png")
    page.get_by_role("button", name="Restore").click()
    assert page.locator(".compare img").count() == 2


def test_what_is_typed_stays_a_text(page, studio):
    attack = "<script>window.hit = 1</script><img src=x onerror='window.hit = 1'>{{ 1234 * 4321 }}"
    typed = {"details": attack, "source": attack, "licence": attack, "consent": attack}
    create(page, "attack", studio.pictures, **typed)
    for place in ("/datasets?search=attack", "/datasets/attack", "/datasets/attack/edit"):
        page.goto(place)
        assert page.evaluate("window.hit") is None
        assert "5332114" not in page.locator("main").inner_text()
    assert page.input_value("#f-details") == attack
    page.goto(f"/datasets?search={attack}")
    assert page.evaluate("window.hit") is None


def test_a_studio_that_does_not_answer_or_refuses_is_told(page, studio):
    create(page, "silent", studio.pictures)
    page.goto("/datasets/silent/edit")
    page.route("**/check*", lambda route: route.abort())
    fill(page, details="anything")
    page.get_by_text("The studio gives no answer").wait_for()
    refused = {"status": 413, "content_type": "application/problem+json"}
    page.route("**/check*", lambda route: route.fulfill(body='{"detail": "too <b>"}', **refused))
    fill(page, details="something else")
    page.get_by_text("too <b>.").wait_for()
    page.unroute("**/check*")
    fill(page, details="and more")
    page.locator("#notice").wait_for(state="hidden")
