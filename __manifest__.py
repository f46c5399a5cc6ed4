{
    "name": "Inventory Source Drop-shipping",
    "version": "19.0.1.0.0",
    "summary": "Sell the products of your Inventory Source suppliers; orders go out, tracking comes back.",
    "category": "Supply Chain/Purchase",
    "author": "Inventory Source for Odoo contributors",
    "website": "https://www.inventorysource.com",
    "license": "LGPL-3",
    "depends": ["sale_management", "stock_dropshipping", "stock_delivery"],
    "external_dependencies": {"python": ["requests", "jmespath"]},
    "data": [
        "security/inventory_source_groups.xml",
        "security/inventory_source_security.xml",
        "security/ir.model.access.csv",
        "views/inventory_source_connection_views.xml",
        "views/inventory_source_menus.xml",
    ],
    "application": True,
}
