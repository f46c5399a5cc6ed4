"""Odoo's live bus: a download, an import and pictures, in a browser that is never reloaded."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from order_window.gate import Gate
from ordering import wait_for
from playwright.sync_api import expect
from walk import stage
from walk.person import Visitor

from demo import scene
from workbench import databases, places, processes
from workbench.browser import chromium
from workbench.rpc import Person
from workbench.simulator import Simulator

PRODUCTS = 1500
PAGE = 100  # as many as the service gives in one answer
SETUP = """
from workbench import shop
connection = shop.connect(env, "Riverside", {url!r}, {given!r})
connection.with_context(active_test=False).cron_ids.active = True
env.cr.commit()
"""


STEPS = {"catalog": "Catalog downloaded", "sell": "What to sell", "live": "Live"}
# As where the proxy passes no bus on: whatever the web client has do it, never answers.
NO_BUS = """
    const port = { start() {}, postMessage() {}, addEventListener() {}, onmessage: null };
    window.SharedWorker = class { port = port; addEventListener() {} };
    window.Worker = class { postMessage() {} addEventListener() {} };
"""
# What progress_service.js waits for: where it is told nothing, and once a person has seen an end.
READ_ANEW_MS, SEEN_MS = 30_000, 10_000
SOON = """
    const later = window.setTimeout;
    window.setTimeout = (call, wait, ...rest) => later(call, wait === %s ? 500 : wait, ...rest);
"""

# The service of the web client with a clock, a bus and a server of the test's: messages come ten
# times a second for ten seconds. Returns when it asked the server, in milliseconds from the first.
ASKED_AT = """async (works) => {
    const at = (name) => odoo.loader.modules.get(name);
    const { browser } = at("@web/core/browser/browser");
    const { progressService } = at("@inventory_source/progress/progress_service");
    const began = Date.now(), timers = new Map(), heard = {}, asked = [];
    let now = began, number = 0;
    Date.now = () => now;
    browser.setTimeout = (call, wait) => timers.set(++number, { call, at: now + wait }) && number;
    browser.clearTimeout = (number) => timers.delete(number);
    const progress = { works, connection_ids: [1] };
    const read = async (_model, ids) => {
        asked.push(now - began);
        return ids.map((id) => ({ id, progress }));
    };
    const bus_service = { subscribe: (type, call) => (heard[type] = call), start() {} };
    const service = progressService.start({}, { bus_service, orm: { silent: { read } } });
    service.watch({ resModel: "some.model", resId: 1, value: () => progress, show() {} });
    for (; now <= began + 13_000; now += 50) {
        if (now < began + 10_000 && !((now - began) % 100)) {
            heard["inventory_source.progress"](progress);
        }
        for (const [number, { call, at }] of timers) {
            if (at <= now && timers.delete(number)) {
                await call();
            }
        }
    }
    return asked;
}"""
# Whoever is about to write down what to fetch waits for a lock of the test's, and so has not seen
# what the other one writes.
ASKING = 7714
TOGETHER = f"""
CREATE FUNCTION asking() RETURNS trigger AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared({ASKING}, 0);
    RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER asking BEFORE INSERT ON inventory_source_picture
    FOR EACH ROW EXECUTE FUNCTION asking();
CREATE TRIGGER asking BEFORE INSERT ON inventory_source_picture_host
    FOR EACH ROW EXECUTE FUNCTION asking();
"""
APART = "DROP FUNCTION asking CASCADE"
HELD = """
SELECT count(DISTINCT pid) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND classid = %s
"""


def checklists(page):
    """Return two more windows with the checklist: one as it is, one that no message reaches."""
    session = page.context.storage_state()
    browser = page.context.browser
    live, quiet = (
        browser.new_page(storage_state=session, viewport=page.viewport_size, locale="en-US")
        for _window in range(2)
    )
    live.add_init_script(SOON % SEEN_MS)
    quiet.add_init_script(NO_BUS + SOON % READ_ANEW_MS)
    for each in (live, quiet):
        each.goto(page.url.split("/odoo")[0] + "/odoo/inventory-source-setup")
        expect(each.locator(".o_data_row").first).to_be_visible()
    live.evaluate("window.neverReloaded = true")
    return live, quiet


@pytest.fixture(scope="module")
def shop():
    """Yield the administrator of a shop where nothing runs by itself, and its database."""
    simulator = Simulator(
        *("--products", str(PRODUCTS), "--catalogs", "1"),
        name="progress-simulator",
    )
    with (
        databases.temporary("progress") as database,
        processes.running(simulator.server, simulator.ready_path),
    ):
        databases.install(database, places.log_path("progress-install"))
        simulator.lift_pool()
        given = simulator.control("/credentials")
        databases.shell(database, SETUP.format(url=simulator.url, given=given))
        # Threads, not processes: see `stage.running`.
        odoo = processes.odoo_server(database, "progress-odoo", workers=0, crons=0)
        with processes.running(odoo, "/web/health"):
            admin = Person(odoo.url, database, scene.ADMIN_LOGIN, scene.ADMIN_PASSWORD)
            stage.warm_up(admin)
            yield admin, database


def allow_pages(database, pages):
    """Leave the catalog lane requests for so many pages: orders and shipments keep six."""
    databases.execute(
        database,
        "UPDATE inventory_source_throttle SET tat = clock_timestamp() AT TIME ZONE 'UTC' "
        f"+ (19 - 6 - {pages} - 0.01) * 4.02 * interval '1 second'",
    )


def run(admin, database, pages=13):
    """Have the catalog lane do what it does with requests for so many pages; return its answer."""
    (connection,) = admin.search("inventory.source.connection", [], "id")
    allow_pages(database, pages)
    answer = admin.call("inventory.source.connection", "action_import_catalog", [connection["id"]])
    return answer["params"]["message"]


def test_the_bar_moves_by_itself_and_the_end_leads_to_the_result(shop):
    admin, database = shop

    def sees_steps(page, **states):
        for key, state in states.items():
            row = page.locator(".o_data_row", has=page.get_by_text(STEPS[key], exact=True))
            expect(row.locator("td[name=state]")).to_have_text(state)

    def count(*domain):
        return f"{admin.call('inventory.source.product', 'search_count', domain):,}"

    with chromium() as page:
        visitor = Visitor(page, admin.url)
        visitor.log_in(scene.ADMIN_LOGIN, scene.ADMIN_PASSWORD)
        live, quiet = checklists(page)
        sees_steps(live, catalog="In progress", sell="Later", live="Later")
        visitor.open("supplier-catalogs")
        page.evaluate("window.neverReloaded = true")
        bar = page.locator(".o_data_row [name=progress]").get_by_role("progressbar")
        expect(bar).to_have_count(0)

        said = run(admin, database, pages=5)
        assert f"{5 * PAGE} products downloaded. It continues automatically." in said
        visitor.sees(f"{5 * PAGE} products downloaded")
        # Nobody tells this one: it is read while a download goes on.
        quiet.reload()
        for each in (live, quiet):
            sees_steps(each, catalog="In progress", sell="To do")
        expect(bar).to_have_attribute("aria-label", f"{5 * PAGE} products downloaded")
        run(admin, database, pages=5)
        visitor.sees("1,000 products downloaded")
        run(admin, database)
        toast = page.locator(".o_notification", has_text="Next: choose what to sell.")
        offered = count(("discontinued_at", "=", False))
        expect(toast).to_contain_text(f"{offered} products are downloaded.")
        expect(bar).to_have_count(0)
        for each in (live, quiet):
            sees_steps(each, catalog="Done")
        told = live.locator(".o_notification", has_text="Next: choose what to sell.")
        expect(told).to_be_visible()  # as long as nobody was there who saw it
        expect(quiet.locator(".o_notification")).to_have_count(0)
        live.mouse.move(300, 500)
        expect(told).to_have_count(0)
        # The figures beside it are read anew at the end.
        expect(page.locator(".o_data_row [name=product_count]")).to_have_text(count())
        toast.get_by_role("button", name="Choose What to Sell").click()
        visitor.sees("Start importing")

        visitor.press("Start importing")
        visitor.sees(re.compile("takes about"))
        visitor.sees(re.compile("^0 of 1,[0-9]{3} products imported"))
        run(admin, database)
        done = page.locator(".o_notification", has_text="The import is done")
        expect(done).to_be_visible()
        imported = count(("state", "=", "linked"))
        expect(done).to_contain_text(f"{imported} products are imported.")
        done.get_by_role("button", name="Open").click()
        expect(page.locator(".o_pager_limit")).to_have_text(imported.replace(",", ""))
        sees_steps(live, sell="Done", live="Done")
        for each in (page, live):
            assert each.evaluate("window.neverReloaded"), "all of it came by itself"


def test_a_screen_where_nothing_goes_on_asks_every_two_seconds_and_misses_nothing(shop):
    admin, _database = shop
    with chromium() as page:
        Visitor(page, admin.url).log_in(scene.ADMIN_LOGIN, scene.ADMIN_PASSWORD)
        idle = page.evaluate(ASKED_AT, [])
        assert idle == [250, 2250, 4250, 6250, 8250, 10_250], "the last one after the last message"
        busy = page.evaluate(ASKED_AT, [{"done": 1, "total": 2}])
        assert len(busy) > 30, "where something goes on, each time"


def not_imported(admin, number, *domain):
    """Return the first supplier products, unlinked from what they may have been imported as."""
    offers = admin.search("inventory.source.product", domain, "product_id", limit=number)
    if imported := [offer["id"] for offer in offers if offer["product_id"]]:
        admin.call("inventory.source.product", "action_unlink", imported)
    return [offer["id"] for offer in offers]


def test_a_card_shows_what_is_not_imported_once_somebody_looks(shop):
    admin, database = shop
    run(admin, database, pages=1)
    offers = not_imported(admin, 2)
    (cron,) = admin.search(
        "ir.cron", [("cron_name", "=", "Inventory Source: Fetch pictures")], "id"
    )
    with chromium() as page:
        visitor = Visitor(page, admin.url)
        visitor.log_in(scene.ADMIN_LOGIN, scene.ADMIN_PASSWORD)
        visitor.open("supplier-products")
        page.evaluate("window.neverReloaded = true")
        while (facets := page.locator(".o_facet_remove")).count():
            with page.expect_response(lambda answer: "ask_pictures" in answer.url):
                facets.first.click()
        shown = page.locator(".o_kanban_record img[name=image_128]")
        for place in range(len(offers)):
            expect(shown.nth(place)).to_have_attribute("src", re.compile("placeholder"))
        asked = [("product_tmpl_id", "=", False), ("state", "=", "waiting")]
        for _picture in admin.search("inventory.source.picture", asked, "id"):
            # With a catalog that is due it fetches one and leaves the rest for later.
            admin.call("ir.cron", "method_direct_trigger", [cron["id"]])
        for place, offer in enumerate(offers):
            ours = rf"/inventory\.source\.product/{offer}/image_128\?unique=\w+$"
            expect(shown.nth(place)).to_have_attribute("src", re.compile(ours))
            expect(shown.nth(place)).to_have_js_property("complete", True)
            assert shown.nth(place).evaluate("image => image.naturalWidth") > 60
        assert page.evaluate("window.neverReloaded"), "both came by themselves"


def somebody_else(admin, database):
    """Return another person who looks at supplier products."""
    groups = [admin.id_of("inventory_source.group_user")]
    admin.create(
        "res.users", name="Uma", login="uma", password="uma.user", group_ids=[(6, 0, groups)]
    )
    return Person(admin.url, database, "uma", "uma.user")


@pytest.fixture
def gate(shop):
    """Yield what holds whoever asks for pictures."""
    _admin, database = shop
    databases.execute(database, TOGETHER)
    gate = Gate(database)
    yield gate
    gate.close()
    databases.execute(database, APART)


def ask_at_once(gate, *asked):
    """Have people ask for pictures, each before any of them wrote down what is to be fetched.

    asked: (person, numbers of supplier products). Return what each is told to be coming.
    """
    with ThreadPoolExecutor() as pool:
        with gate.shut_for(ASKING, 0):
            answers = [
                pool.submit(person.call, "inventory.source.product", "ask_pictures", offers)
                for person, offers in asked
            ]
            wait_for(lambda: gate.rows(HELD, ASKING) == [(len(asked),)], "all of them to ask")
        return [sorted(answer.result()) for answer in answers]


def test_of_two_people_who_look_at_one_moment_both_are_answered_and_each_is_asked_once(shop, gate):
    admin, database = shop
    run(admin, database, pages=1)
    other = somebody_else(admin, database)
    pictured = databases.query(
        database, "SELECT id FROM inventory_source_product WHERE images->>0 IS NOT NULL"
    )
    first, *others = not_imported(admin, 3, ("id", "in", [number for (number,) in pictured]))
    # With a server of pictures that nobody knows yet, and with one that is known.
    databases.execute(database, "DELETE FROM inventory_source_picture")
    databases.execute(database, "DELETE FROM inventory_source_picture_host")
    assert ask_at_once(gate, (admin, [first]), (other, [first])) == [[first]] * 2
    assert ask_at_once(gate, (admin, others), (other, others[::-1])) == [sorted(others)] * 2
    rows = "SELECT supplier_product_id, state FROM inventory_source_picture ORDER BY 1"
    assert databases.query(database, rows) == [
        (offer, "waiting") for offer in sorted([first, *others])
    ]
