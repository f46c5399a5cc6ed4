"""The main job in a real browser, on a real server that works through its own scheduled actions."""

from walk import stage


def test_a_manager_connects_imports_sells_and_sees_the_order_sent():
    """Connect over the provider's pages, choose what to import, confirm a sale, see it accepted."""
    with stage.running() as running:
        order = stage.walk(running)
        received = running.simulator.control("/orders")
        assert [remote["orderNumber"] for remote in received] == [order]
        sold = running.admin.search(
            "sale.order.line", [("order_id.name", "=", order)], "product_uom_qty"
        )
        assert len(received[0]["items"]) == len(sold) == 2
        assert {item["status"] for item in received[0]["items"]} == {"accepted"}
        refused = [entry for entry in running.simulator.journal() if entry["status"] == 429]
        assert refused == []
