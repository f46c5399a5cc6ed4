"""Orders of kits, where Odoo's Manufacturing app is installed; the other tests run without it."""

from workbench import databases, places

CLASS = "TestOrderKits"


def test_kits_are_ordered_right_where_manufacturing_is_installed():
    log = places.log_path("kits")
    log.unlink(missing_ok=True)
    with databases.temporary("kits") as name:
        run = ("-d", name, "--stop-after-init", "--no-http")
        databases.run_odoo(*run, "-i", "inventory_source,sale_mrp", log=log)
        databases.run_odoo(
            *run, "--test-tags", f"/inventory_source:{CLASS}", "--log-level=test", log=log
        )
    said = log.read_text()
    # A class that is skipped or renamed would hold without having been played.
    assert said.count(f"Starting {CLASS}.test_") > 5
    assert "0 failed, 0 error(s) of" in said
