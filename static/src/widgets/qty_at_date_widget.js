import { patch } from "@web/core/utils/patch";
import { qtyAtDateWidget } from "@sale_stock/widgets/qty_at_date_widget";

patch(qtyAtDateWidget, {
    fieldDependencies: [
        ...qtyAtDateWidget.fieldDependencies,
        { name: "inventory_source_stock", type: "char" },
        { name: "inventory_source_choice", type: "char" },
    ],
});
