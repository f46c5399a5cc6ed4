import { getColor } from "@web/core/colors/colors";
import { cookie } from "@web/core/browser/cookie";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import {
    JournalDashboardGraphField,
    journalDashboardGraphField,
} from "@web/views/fields/journal_dashboard_graph/journal_dashboard_graph_field";

// Sales of the last days as bars and their orders as a line; a day opens its orders.
export class SalesGraphField extends JournalDashboardGraphField {
    static template = "inventory_source.SalesGraph";

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.action = useService("action");
    }

    getBarChartConfig() {
        const config = super.getBarChartConfig();
        const { values } = this.data[0];
        const scheme = cookie.get("color_scheme");
        const [bars] = config.data.datasets;
        Object.assign(bars, {
            backgroundColor: getColor(2, scheme, "odoo"),
            maxBarThickness: 32,
            order: 2,
            yAxisID: "y",
        });
        config.data.datasets.push({
            type: "line",
            data: values.map((day) => day.orders),
            borderColor: getColor(1, scheme, "odoo"),
            backgroundColor: getColor(1, scheme, "odoo"),
            borderWidth: 1,
            pointRadius: 2,
            order: 1,
            yAxisID: "orders",
        });
        const { plugins, scales } = config.options;
        scales.y.beginAtZero = true;
        scales.orders = { display: false, beginAtZero: true };
        scales.x.grid.display = false;
        scales.x.ticks.maxRotation = 0;
        plugins.tooltip.mode = "index";
        plugins.tooltip.displayColors = false;
        // The server wrote it, in the currency and the language of whoever looks.
        plugins.tooltip.filter = (item) => item.datasetIndex === 0;
        plugins.tooltip.callbacks = { label: (item) => values[item.dataIndex].text };
        config.options.onClick = (event, elements) =>
            elements.length && this.openDay(values[elements[0].index].day);
        return config;
    }

    async openDay(day) {
        const { resModel, resId } = this.props.record;
        const context = { day };
        return this.action.doAction(
            await this.orm.call(resModel, "action_open_sales", [[resId]], { context })
        );
    }
}

registry.category("fields").add("inventory_source_sales_graph", {
    ...journalDashboardGraphField,
    component: SalesGraphField,
});
