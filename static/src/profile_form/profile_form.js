import { Component, reactive, toRaw, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { Mutex } from "@web/core/utils/concurrency";
import { useBus } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const MODEL = "inventory.source.profile";
const GRADES = {
    fact: {
        label: _t("FACT"),
        title: _t("The service's public pages say it."),
        style: "o_is_fact",
    },
    seen: {
        label: _t("OBSERVED"),
        title: _t("The service's own helper package shows it."),
        style: "o_is_seen",
    },
    assumed: {
        label: _t("ASSUMED"),
        title: _t("Not documented anywhere: our best reading."),
        style: "o_is_assumed",
    },
};

/**
 * What the pages of one form share: the rows of the document as the server reads them, and what was
 * pasted. Pasted answers stay in the browser: they may hold customers' data.
 */
class ProfileStore {
    constructor(orm, notification) {
        Object.assign(this, { orm, notification });
        this.mutex = new Mutex();
        this.told = null;
        this.asked = null;
        this.resId = null;
        this.answers = {};
        this.judged = {};
        this.compare = "";
        this.kind = "products";
    }

    /** Read the document anew where it is not the one that was read. */
    async follow(record) {
        const document = record.data.document || "";
        if (record.resId !== this.resId) {
            if (this.resId) {
                this.answers = {};
                this.judged = {};
            }
            this.resId = record.resId;
            this.asked = null;
        }
        if (this.asked !== document) {
            this.asked = document;
            await this.ask(record);
        }
    }

    /** Ask the server for the rows, after an edit where there is one. */
    ask(record, edit = null) {
        return this.mutex.exec(async () => {
            const document = record.data.document || "";
            const ids = record.resModel === MODEL && record.resId ? [record.resId] : [];
            const { answers, judged, compare } = this;
            const told = await this.orm.call(MODEL, "action_study", [
                ids,
                document,
                { answers, judged, compare, edit },
            ]);
            if (told.refused) {
                this.notification.add(told.refused, { type: "danger" });
            }
            this.told = told;
            this.asked = told.document;
            if (edit && told.document !== document) {
                await record.update({ document: told.document });
            }
            return told;
        });
    }
}

const stores = new WeakMap();

function storeOf(record, orm, notification) {
    const model = toRaw(record.model); // each component sees it through a proxy of its own
    if (!stores.has(model)) {
        stores.set(model, reactive(new ProfileStore(orm, notification)));
    }
    return stores.get(model);
}

/**
 * An input that shows a value of the document. It is written only when that value changes, and never
 * while somebody types in it: the rows are read anew after each edit of any of them.
 */
export class ProfileInput extends Component {
    static template = "inventory_source.ProfileInput";
    static props = {
        value: String,
        change: { type: Function, optional: true },
        input: { type: Function, optional: true },
        options: { type: Array, optional: true },
        any: { type: String, optional: true },
        rows: { type: Number, optional: true },
        names: { type: String, optional: true },
        id: { type: String, optional: true },
        label: { type: String, optional: true },
        placeholder: { type: String, optional: true },
        style: { type: String, optional: true },
        readonly: { type: Boolean, optional: true },
        invalid: { type: Boolean, optional: true },
    };
    static defaultProps = { style: "o_input font-monospace", readonly: false, invalid: false };

    setup() {
        this.field = useRef("field");
        useEffect(
            (el, value) => {
                if (el && el !== document.activeElement) {
                    el.value = value;
                }
            },
            () => [this.field.el, this.props.value]
        );
    }

    get lines() {
        return this.props.rows || Math.min(Math.ceil(this.props.value.length / 28), 8);
    }

    get isUnknown() {
        const { options, value, any } = this.props;
        return !(options.some((option) => option[0] === value) || (any && !value));
    }

    async onChange(ev) {
        if (this.props.change) {
            const el = ev.target;
            const told = await this.props.change(el.value);
            if (told?.refused) {
                el.value = this.props.value;
            }
        }
    }

    onInput(ev) {
        if (this.props.input) {
            ev.stopPropagation(); // nothing of the document
            this.props.input(ev.target.value);
        }
    }
}

export class ProfileRow extends Component {
    static template = "inventory_source.ProfileRow";
    static components = { ProfileInput };
    static props = {
        row: Object,
        names: { type: String, optional: true },
        readonly: Boolean,
        edit: Function,
    };

    get grade() {
        return GRADES[this.props.row.grade];
    }

    get isChoice() {
        return ["choice", "flag"].includes(this.props.row.kind);
    }

    get isExpression() {
        return ["expression", "whole", "list", "reason"].includes(this.props.row.kind);
    }

    change(value) {
        const { place, kind } = this.props.row;
        return this.props.edit({ op: "set", place, kind, value });
    }
}

export class ProfileTable extends Component {
    static template = "inventory_source.ProfileTable";
    static components = { ProfileInput };
    static props = {
        table: Object,
        names: { type: String, optional: true },
        readonly: Boolean,
        edit: Function,
    };

    setup() {
        this.state = useState({ key: "", value: "" });
    }

    get grade() {
        return GRADES[this.props.table.grade];
    }

    send(op, more) {
        const { place, kind } = this.props.table;
        return this.props.edit({ op, place, kind, ...more });
    }

    /** Send an edit of one line: by its name too, for an edit before may have moved it. */
    sendLine(op, { index, key: name }, more) {
        return this.send(op, { index, name, ...more });
    }

    async add() {
        const { key, value } = this.state;
        if (key.trim()) {
            // Taken before it is sent: leaving the field and pressing Add are one wish, and what is
            // typed meanwhile is the next line.
            Object.assign(this.state, { key: "", value: "" });
            const { options } = this.props.table;
            const first = options.length ? options[0][0] : "";
            const told = await this.send("add", { key, value: value || first });
            if (told.refused && !this.state.key && !this.state.value) {
                Object.assign(this.state, { key, value });
            }
        }
    }

    /** Add a line as soon as both its halves were entered. */
    onAddChange() {
        if (this.state.key.trim() && this.state.value.trim()) {
            this.add();
        }
    }
}

export class ProfilePart extends Component {
    static template = "inventory_source.ProfilePart";
    static components = { ProfileInput, ProfileRow, ProfileTable };
    static props = { ...standardFieldProps, part: String };

    setup() {
        const { record } = this.props;
        // Not `useService`: what is shared outlives the part that was there first, which goes when
        // the form is drawn for another width, and an answer would then never come.
        const { orm, notification } = this.env.services;
        this.store = useState(storeOf(record, orm, notification));
        useRecordObserver((observed) => this.store.follow(observed));
        useBus(record.model.bus, "NEED_LOCAL_CHANGES", ({ detail }) =>
            detail.proms.push(
                this.store.mutex.getUnlockedDef().then(() => this.markDirty(false))
            )
        );
        this.askSoon = useDebounced(() => this.store.ask(this.props.record), 400);
        this.edit = this.edit.bind(this);
    }

    get told() {
        return this.store.told;
    }

    get sections() {
        return this.told.pages[this.props.part] || [];
    }

    get chosen() {
        return this.sections.find((each) => each.name === this.store.kind);
    }

    /** What is offered for a line of the page of fields. */
    offered(row) {
        const kind = { list: "lists", whole: "whole" }[row.kind];
        return `o_is_names_${kind || (row.picked ? "picked" : this.chosen.name)}`;
    }

    get faultCount() {
        return this.told.faults.length;
    }

    get requestHead() {
        const { method, url, headers } = this.told.request;
        return [`${method} ${url}`, ...headers.map((pair) => pair.join(": "))].join("\n");
    }

    async edit(edit) {
        const told = await this.store.ask(this.props.record, edit);
        this.markDirty(false); // from here on the record knows
        return told;
    }

    isFaulty(section) {
        const lines = [...section.rows, ...section.tables, ...section.tables.flatMap((t) => t.rows)];
        return Boolean(section.problem) || lines.some((line) => line.problem);
    }

    markDirty(dirty) {
        this.props.record.model.bus.trigger("FIELD_IS_DIRTY", dirty);
    }

    paste(kind, text) {
        this.store.answers[kind] = text;
        this.askSoon();
    }

    async useExample(kind) {
        delete this.store.answers[kind];
        await this.store.ask(this.props.record);
    }

    judge(name, value) {
        this.store.judged[name] = value;
        this.askSoon();
    }

    async compareWith(key) {
        this.store.compare = key;
        await this.store.ask(this.props.record);
    }

    setMeaning(index, key, value) {
        const kind = { status: "status", text: "texts" }[key] || "text";
        return this.edit({ op: "set", place: ["meanings", index, key], kind, value });
    }

    editMeanings(op, index) {
        return this.edit({ op, place: ["meanings"], kind: "meanings", index });
    }

    /** Open the page a fault stands on. */
    show(fault) {
        if (fault.page === "fields" && fault.section) {
            this.store.kind = fault.section;
        }
        document.querySelector(`.o_notebook .nav-link[name="${fault.page}"]`)?.click();
    }
}

registry.category("fields").add("inventory_source_profile", {
    component: ProfilePart,
    displayName: _t("API Field Mapping"),
    supportedTypes: ["text"],
    extractProps: ({ options }) => ({ part: options.part }),
});
