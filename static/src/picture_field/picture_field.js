import { onWillDestroy, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { imageUrl } from "@web/core/utils/urls";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { ImageField, imageField } from "@web/views/fields/image/image_field";

// Our own copy of what a supplier product looks like. Of one that is not imported it is fetched
// because somebody looks, and shown once it is there (models/picture/looked_at.py).
export class SupplierPictureField extends ImageField {
    setup() {
        super.setup();
        this.pictures = useService("inventory_source_pictures");
        this.came = useState({ key: false });
        useRecordObserver(({ resId, data }) => {
            this.stop?.();
            this.stop = undefined;
            this.came.key = false;
            // Most often nothing is to be asked for: no request of its own for each page.
            if (resId && data.picture_wanted) {
                const show = (key) => this.show(key);
                this.stop = this.pictures.watch({ id: resId, key: data.image_key, show });
            }
        });
        onWillDestroy(() => this.stop?.());
    }

    show(key) {
        this.state.isValid = true;
        this.came.key = key;
    }

    get rawCacheKey() {
        return this.came.key || this.props.record.data.image_key;
    }

    getUrl(name) {
        if (this.came.key && this.state.isValid) {
            const { resId, resModel } = this.props.record;
            return imageUrl(resModel, resId, name, { unique: this.rawCacheKey });
        }
        return super.getUrl(name);
    }
}

registry.category("fields").add("inventory_source_picture", {
    ...imageField,
    component: SupplierPictureField,
    displayName: _t("Supplier picture"),
    supportedTypes: ["binary"],
    fieldDependencies: [
        { name: "image_key", type: "char" },
        { name: "picture_wanted", type: "boolean" },
    ],
});
