from odoo import models

# What tells the online shop how many it may sell; both return pieces of a product.
SHOP_METHODS = {"website": "_get_product_available_qty", "sale.order": "_get_free_qty"}


class ShopStock(models.AbstractModel):
    """The online shop sells, beside our own stock, what suppliers have of each variant.

    A module that does not depend on the shop is loaded before it: the shop's methods hide those
    that would be inherited here. So these two are wrapped once all models are there, as
    base_automation does it.
    """

    _name = "inventory.source.shop.stock"
    _description = "Inventory Source Stock in the Online Shop"

    def _register_hook(self):
        super()._register_hook()
        for model, name in SHOP_METHODS.items():
            shop = self.env.registry.get(model)
            # The class of the registry has nothing of its own but what is set here; it may be
            # asked again, after fields were added.
            if hasattr(shop, name) and name not in vars(shop):
                setattr(shop, name, self._with_suppliers(getattr(shop, name)))

    @staticmethod
    def _with_suppliers(original):
        """Return the method `original(self, product, ...)` with what suppliers have added."""

        def available(self, product, *args, **kwargs):
            own = original(self, product, *args, **kwargs)
            offered = product._inventory_source_shop_quantity(self.company_id)
            # Own stock that is short is no debt of the suppliers.
            return max(own, 0.0) + offered if offered else own

        return available
