"""Who and what the shop has before the story begins."""

from workbench.rpc import Person

SALES_LOGIN = SALES_PASSWORD = "sam.sales"
ADMIN_LOGIN = ADMIN_PASSWORD = "admin"


def hire_salesperson(admin: Person) -> int:
    """Make an ordinary sales user (own documents only), who is no administrator of anything."""
    groups = [admin.id_of("base.group_user"), admin.id_of("sales_team.group_sale_salesman")]
    return admin.create(
        "res.users",
        name="Sam Sales",
        login=SALES_LOGIN,
        password=SALES_PASSWORD,
        email="sam@shop.example",
        group_ids=[(6, 0, groups)],
    )


def make_customer(admin: Person) -> int:
    country = admin.id_of("base.us")
    florida = admin.search(
        "res.country.state", [("country_id", "=", country), ("code", "=", "FL")], "id"
    )[0]["id"]
    return admin.create(
        "res.partner",
        name="Carla Customer",
        street="12 Riverside Avenue",
        city="Jacksonville",
        state_id=florida,
        zip="32202",
        country_id=country,
        phone="+1 904 555 0142",
        email="carla@customer.example",
    )


def stock_own_product(admin: Person, quantity: float = 10) -> int:
    """Make a product of the shop's own and put some of it into its warehouse."""
    product = admin.create(
        "product.product",
        name="Gift Card Box",
        list_price=4.5,
        is_storable=True,
        default_code="OWN-1",
    )
    location = admin.search("stock.warehouse", [], "lot_stock_id", limit=1)[0]["lot_stock_id"][0]
    quant = admin.create(
        "stock.quant", product_id=product, location_id=location, inventory_quantity=quantity
    )
    admin.call("stock.quant", "action_apply_inventory", [quant])
    return product


def offer_delivery_methods(admin: Person) -> None:
    """Make the delivery methods of the shop; a supplier's carrier is known by their name."""
    service = admin.create("product.product", name="Delivery", type="service", list_price=0)
    for name in ("UPS", "USPS", "FedEx"):
        admin.create("delivery.carrier", name=name, product_id=service, delivery_type="fixed")


def prepare_connection(admin: Person, url: str, credentials: dict) -> int:
    """Make the connection a manager would fill in, to the simulator instead of the real service."""
    return admin.create(
        "inventory.source.connection",
        name="Riverside Outfitters",
        environment=credentials["environment"],
        access="partner",
        client_id=credentials["client_id"],
        client_secret=credentials["client_secret"],
        authorize_url=f"{url}/authorize",
        token_url=f"{url}/oauth/token",
        api_url=url,
    )
