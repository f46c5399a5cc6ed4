import { Component, onWillStart, onWillUpdateProps, useEnv } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";

const MODEL = "inventory.source.connection";

// Opens what is behind a number of these connections; the server says what that is.
// Not by `useService`: a card is drawn anew whenever it is read anew, and what was pressed on the one
// before would never be answered.
function useOpen(ids) {
    const { orm, action } = useEnv().services;
    return async (method, context = {}) =>
        action.doAction(await orm.call(MODEL, method, [ids()], { context }));
}

// Numbers with the lists they open; what needs a person has a sign beside its color.
export class Figures extends Component {
    static template = "inventory_source.Figures";
    static props = { rows: Array, open: Function };
}

export class DashboardField extends Component {
    static template = "inventory_source.DashboardField";
    static components = { Figures };
    static props = { ...standardFieldProps };

    setup() {
        this.open = useOpen(() => [this.props.record.resId]);
    }

    get data() {
        return this.props.record.data[this.props.name] || { rows: [], lanes: [] };
    }

    get pressing() {
        return this.data.rows.filter((row) => row.person);
    }

    get others() {
        return this.data.rows.filter((row) => !row.person);
    }
}

registry.category("fields").add("inventory_source_dashboard", {
    component: DashboardField,
    displayName: _t("Drop-ship dashboard"),
    supportedTypes: ["json"],
});

// What the cards below have together, where there are several.
export class Together extends Component {
    static template = "inventory_source.Together";
    static components = { Figures };
    static props = { list: Object };

    setup() {
        this.orm = useService("orm");
        this.data = null;
        this.open = useOpen(() => this.data.ids);
        onWillStart(() => this.load(this.props.list));
        onWillUpdateProps(({ list }) => this.load(list));
    }

    async load(list) {
        const several = list.isGrouped || list.count > 1;
        this.data = several && (await this.orm.call(MODEL, "retrieve_dashboard", [list.domain]));
    }
}

export class DashboardRenderer extends KanbanRenderer {
    static template = "inventory_source.DashboardRenderer";
    static components = { ...KanbanRenderer.components, Together };
}

registry.category("views").add("inventory_source_dashboard", {
    ...kanbanView,
    Renderer: DashboardRenderer,
});
