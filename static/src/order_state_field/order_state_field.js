import { registry } from "@web/core/registry";
import { BadgeField, badgeField } from "@web/views/fields/badge/badge_field";

// A state that is well, of an order that is not: what its card and its sale say stands in its place.
const UNWELL = ["action", "late"];
const SAYS_IT_ITSELF = ["review", "held", "unknown", "rejected"];

export class OrderStateField extends BadgeField {
    get formattedValue() {
        const { data, fields } = this.props.record;
        const isUnwell = UNWELL.includes(data.progress) && !SAYS_IT_ITSELF.includes(data.state);
        const name = isUnwell ? "progress" : this.props.name;
        const { selection } = fields[name];
        return registry.category("formatters").get("selection")(data[name], { selection });
    }
}

registry.category("fields").add("inventory_source_order_state", {
    ...badgeField,
    component: OrderStateField,
    supportedTypes: ["selection"],
    fieldDependencies: [{ name: "progress", type: "selection" }],
});
