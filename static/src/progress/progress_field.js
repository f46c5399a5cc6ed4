import { Component, onWillDestroy, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

// Whether what stands beside the bar is another, too: where the server says what that is (`row`),
// by that; else when a work begins or ends, or something was done that is too short for a bar.
function isOther(before, value) {
    const [went, goes] = [before, value].map((each) => each.works.length > 0);
    if (went !== goes) {
        return true;
    }
    return value.row ? JSON.stringify(before.row) !== JSON.stringify(value.row) : !goes;
}

// How far long works are; the server says it all (models/progress/progress.py).
export class ProgressField extends Component {
    static template = "inventory_source.ProgressField";
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ value: false });
        this.service = useService("inventory_source_progress");
        // Also when the record is read anew: what came with it is newer than what is shown.
        useRecordObserver(({ resModel, resId, data }) => {
            this.state.value = data[this.props.name];
            this.stop?.();
            // False where nothing can go on, e.g. a Go Live whose production is not made yet.
            const value = () => this.state.value || undefined;
            const show = (next) => this.show(next);
            this.stop = resId
                ? this.service.watch({ resModel, resId, value, show })
                : undefined;
        });
        onWillDestroy(() => this.stop?.());
    }

    get works() {
        return this.state.value?.works || [];
    }

    async show(value) {
        const before = this.state.value;
        this.state.value = value;
        // What a person typed stays.
        const { record } = this.props;
        if (isOther(before, value) && !(await record.isDirty())) {
            await record.load();
        }
    }

    percent({ done, total }) {
        return total ? Math.floor((100 * done) / total) : 100;
    }
}

registry.category("fields").add("inventory_source_progress", {
    component: ProgressField,
    displayName: _t("Progress"),
    supportedTypes: ["json"],
});
