import { registry } from "@web/core/registry";
import { FloatField, floatField } from "@web/views/fields/float/float_field";
import { MonetaryField, monetaryField } from "@web/views/fields/monetary/monetary_field";

// Of an order that was rejected what was asked: that is decided about. Sums are of the field itself.
const asked = (Field) =>
    class extends Field {
        get value() {
            const { data } = this.props.record;
            return data.state === "rejected" ? data[`asked_${this.props.name}`] : super.value;
        }
    };

registry.category("fields").add("inventory_source_asked_pieces", {
    ...floatField,
    component: asked(FloatField),
    fieldDependencies: [
        { name: "state", type: "selection" },
        { name: "asked_pieces", type: "float" },
    ],
});
registry.category("fields").add("inventory_source_asked_amount", {
    ...monetaryField,
    component: asked(MonetaryField),
    fieldDependencies: [
        { name: "state", type: "selection" },
        { name: "asked_amount", type: "monetary" },
    ],
});
