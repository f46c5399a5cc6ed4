"""What opening the screens costs beside Odoo's own: each menu's list, the cards, the dashboard.

A browser opens each screen once; what it asked the server for is asked again, the screens in turn,
and the times of one opening are added up: of a large shop, and of one with a tenth of everything.
"""

import contextlib
import dataclasses
import statistics
import time
from collections.abc import Iterator

from walk.person import Visitor

from demo import scene
from workbench import databases, places, processes
from workbench.browser import chromium
from workbench.rpc import Person

from . import copies, screens_world

ROUNDS, WARM_UP, ROWS, QUIET_MS = 9, 2, 80, 3000
# What the smaller shop has of the larger one.
TENTH = 0.1
# Times another screen's time: Odoo's list of sales, or its product cards.
LIST, CARDS, DASHBOARD, GROWTH = 1.5, 1.5, 2.0, 1.3
SALES = "sale.action_quotations_with_onboarding"
PRODUCTS = "sale.product_template_action"
OURS = "inventory_source.inventory_source_product_action"
# Rows and cards; or groups, or the words where there are none.
RECORDS = ".o_data_row, .o_kanban_record:not(.o_kanban_ghost)"
DRAWN = f"{RECORDS}, .o_group_header, .o_view_nocontent"
# Of the web client or of the whole session, whatever the screen.
NOT_OF_THE_SCREEN = (
    *("/web/webclient", "/web/session", "/bus/", "/mail/", "/discuss/", "/has_group"),
)


@dataclasses.dataclass
class Screen:
    """A screen, and what opening it asks the server for."""

    name: str
    action: str
    view: str
    bar: float | None = None
    requests: list[tuple[str, str]] = dataclasses.field(default_factory=list)


def measure() -> list[tuple]:
    with contextlib.ExitStack() as stack:
        small, large = (
            stack.enter_context(databases.temporary(f"bench_screens_{size}"))
            for size in ("small", "large")
        )
        databases.install(small, places.log_path("bench-install"))
        with copies.environment(small) as env:
            screens_world.fill(env, 0, TENTH)
            screens = _screens(env)
        databases.create(large, template=small)
        with copies.environment(large) as env:
            screens_world.fill(env, TENTH, 1)
        shops = [stack.enter_context(_shop(database)) for database in (small, large)]
        return _rows(screens, *_measure(screens, shops))


def _rows(screens: list[Screen], small: list[list], large: list[list]) -> list[tuple]:
    """Judge by ratios of each round by itself: while the machine gets faster or slower, they stay.

    :param small, large: the seconds of each screen, a list for each round
    """
    rows = []
    for place, screen in enumerate(screens):
        beside = 1 if (screen.view, screen.bar) == ("kanban", CARDS) else 0
        times = statistics.median(one[place] for one in large) * 1000
        ratio = statistics.median(one[place] / one[beside] for one in large)
        grown = statistics.median(
            after[place] / before[place] for before, after in zip(small, large, strict=True)
        )
        found = f"{times:.0f} ms, {ratio:.2f} x, grown {grown:.2f} x"
        bar = f"<= {screen.bar:g} x, grown {GROWTH:g} x" if screen.bar else "-"
        held = ratio <= screen.bar and grown <= GROWTH if screen.bar else "-"
        rows.append((f"{screen.name}, {screen.view}", bar, found, held))
    return rows


def _screens(env) -> list[Screen]:
    """Return Odoo's two, and what each menu of ours opens."""
    screens = [Screen("sales", SALES, "list"), Screen("products", PRODUCTS, "kanban")]
    root = env.ref("inventory_source.menu_root")
    for menu in env["ir.ui.menu"].search([("id", "child_of", root.id)]):
        action = menu.action
        if not action or action._name != "ir.actions.act_window" or action.target == "new":
            continue
        name, views = menu.complete_name.partition("/")[2], action.view_mode.split(",")
        key = action.get_external_id()[action.id]
        if key == "inventory_source.action_connection":
            screens.append(Screen(name, key, views[0], DASHBOARD))
        elif "list" in views:
            screens.append(Screen(name, key, "list", LIST))
        if key == OURS:
            screens.append(Screen(name, key, "kanban", CARDS))
    return screens


@contextlib.contextmanager
def _shop(database: str) -> Iterator[Person]:
    server = processes.odoo_server(database, f"bench-{database}", crons=0)
    with processes.running(server, "/web/health") as odoo:
        yield Person(odoo.url, database, scene.ADMIN_LOGIN, scene.ADMIN_PASSWORD)


def _measure(screens: list[Screen], shops: list[Person]) -> list[list[list[float]]]:
    """Return of each shop the seconds that opening each screen takes, a list for each round."""
    with chromium() as page:
        Visitor(page, shops[0].url).log_in(scene.ADMIN_LOGIN, scene.ADMIN_PASSWORD)
        for screen in screens:
            screen.requests = _asked_for(page, shops[0].url, screen)
    rounds = [
        [[_ask_again(shop, screen) for shop in shops] for screen in screens]
        for _round in range(WARM_UP + ROUNDS)
    ][WARM_UP:]
    return [[[times[place] for times in one] for one in rounds] for place in range(len(shops))]


def _asked_for(page, url: str, screen: Screen) -> list[tuple[str, str]]:
    """Open a screen and return what the browser posts meanwhile: paths and bodies."""
    asked = []

    def note(request):
        path = request.url.removeprefix(url)
        if request.method == "POST" and not any(part in path for part in NOT_OF_THE_SCREEN):
            asked.append((path, request.post_data or ""))

    page.on("request", note)
    page.goto(f"{url}/odoo/action-{screen.action}?view_type={screen.view}")
    page.locator(DRAWN).first.wait_for()
    # What the page asks for once it is drawn, e.g. the counts of a search panel.
    page.wait_for_timeout(QUIET_MS)
    page.remove_listener("request", note)
    if not screen.bar and not page.locator(RECORDS).count():
        raise RuntimeError(f"{screen.name} ({screen.view}) is empty: nothing can be beside it")
    if not any("search_read" in path or "read_group" in path for path, _body in asked):
        raise RuntimeError(f"{screen.name} ({screen.view}) asked for no records: {asked}")
    return [(path, body.replace('"limit":40', f'"limit":{ROWS}')) for path, body in asked]


def _ask_again(admin: Person, screen: Screen) -> float:
    started = time.perf_counter()
    for path, body in screen.requests:
        headers = {"Content-Type": "application/json"}
        answer = admin.browser.post(admin.url + path, data=body, headers=headers, timeout=300)
        answer.raise_for_status()
        if "error" in answer.json():
            raise RuntimeError(f"{screen.name} {path}: {answer.text[:500]}")
    return time.perf_counter() - started
