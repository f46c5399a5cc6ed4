import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { GATHER, READ_ANEW } from "../progress/progress_service";

const MODEL = "inventory.source.product";
// The server takes no more at once (models/picture/supplier_product.py).
const MOST = 200;

// Asks for the pictures of the supplier products on the screen, all of them in one request, and
// shows those that come while the page stays open.
export const picturesService = {
    dependencies: ["bus_service", "orm"],

    start(env, { bus_service: bus, orm }) {
        const watchers = new Set();
        const coming = new Set();
        let slow;

        // Returns a function that notes numbers, and does the work for all that came together.
        function gathering(work) {
            const due = new Set();
            let timer;
            return (ids) => {
                ids.forEach((id) => due.add(id));
                if (due.size && timer === undefined) {
                    timer = browser.setTimeout(async () => {
                        timer = undefined;
                        const shown = new Set([...watchers].map((watcher) => watcher.id));
                        const some = [...due].filter((id) => shown.has(id));
                        due.clear();
                        for (let at = 0; at < some.length; at += MOST) {
                            await work(some.slice(at, at + MOST));
                        }
                    }, GATHER);
                }
            };
        }

        const ask = gathering(async (ids) => {
            let expected;
            try {
                expected = new Set(await orm.silent.call(MODEL, "ask_pictures", [ids]));
            } catch {
                // No way to the server at this moment: what is shown stays.
                return;
            }
            const settled = ids.filter((id) => coming.delete(id) && !expected.has(id));
            expected.forEach((id) => coming.add(id));
            read(settled);
            // Where no message comes (no live bus) they are asked for anew, which costs nothing.
            browser.clearTimeout(slow);
            slow = coming.size ? browser.setTimeout(() => ask([...coming]), READ_ANEW) : undefined;
        });

        const read = gathering(async (ids) => {
            let records;
            try {
                records = await orm.silent.read(MODEL, ids, ["image_key"]);
            } catch {
                return;
            }
            const keys = new Map(records.map((record) => [record.id, record.image_key]));
            for (const watcher of watchers) {
                const key = keys.get(watcher.id);
                if (key && key !== watcher.key) {
                    watcher.key = key;
                    coming.delete(watcher.id);
                    watcher.show(key);
                }
            }
        });

        bus.subscribe("inventory_source.pictures", ({ supplier_product_ids: ids }) => read(ids));
        bus.start();

        return {
            /**
             * @param {{id, key, show}} watcher of a supplier product: `key` says which picture it
             *  shows, `show(key)` is called when there is another one
             * @returns {Function} that ends it
             */
            watch(watcher) {
                watchers.add(watcher);
                ask([watcher.id]);
                return () => watchers.delete(watcher);
            },
        };
    },
};

registry.category("services").add("inventory_source_pictures", picturesService);
