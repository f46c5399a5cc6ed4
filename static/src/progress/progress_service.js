import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";

// Where no message comes (no live bus), whatever goes on is read anew so often.
export const READ_ANEW = 30000;
// Messages that come close together cause one reading.
export const GATHER = 250;
// Of what does nothing long a message has the whole record read anew, and a busy shop has many.
const QUIET = 2000;
// What went well is told until the person does something, which may be an hour later, and so long
// beyond that. What went wrong stays, and lies where no button is (progress.scss).
const SEEN = 10000;
const MOVES = ["pointermove", "pointerdown", "keydown"];
const RESULT = "o_inventory_source_result";

// What is shown of long works, and who is told of their end (models/progress/).
export const progressService = {
    dependencies: ["action", "bus_service", "multi_tab", "notification", "orm"],

    start(env, { action, bus_service: bus, multi_tab: tabs, notification, orm }) {
        const watchers = new Set();
        const due = new Set();
        const quiet = new Set();
        let timer;
        let quietTimer;
        let quietRead = 0;
        let slow;

        async function read() {
            timer = undefined;
            const models = new Map();
            for (const watcher of due) {
                const ids = models.get(watcher.resModel) || new Map();
                ids.set(watcher.resId, [...(ids.get(watcher.resId) || []), watcher]);
                models.set(watcher.resModel, ids);
            }
            due.clear();
            for (const [resModel, ids] of models) {
                let records;
                try {
                    records = await orm.silent.read(resModel, [...ids.keys()], ["progress"]);
                } catch {
                    // Gone, or no way to the server at this moment: what is shown stays.
                    continue;
                }
                for (const { id, progress } of records) {
                    for (const watcher of ids.get(id)) {
                        if (watchers.has(watcher)) {
                            watcher.show(progress);
                        }
                    }
                }
            }
            readAnewLater();
        }

        function readSoon(some) {
            some.forEach((watcher) => due.add(watcher));
            if (due.size && timer === undefined) {
                timer = browser.setTimeout(read, GATHER);
            }
        }

        function readQuiet() {
            quietTimer = undefined;
            quietRead = Date.now();
            readSoon([...quiet].filter((watcher) => watchers.has(watcher)));
            quiet.clear();
        }

        function readSoonOf(connectionIds) {
            const concerned = [...watchers].filter((watcher) =>
                watcher.value()?.connection_ids.some((id) => connectionIds.includes(id))
            );
            readSoon(concerned.filter((watcher) => watcher.value().works.length));
            concerned
                .filter((watcher) => !watcher.value().works.length)
                .forEach((watcher) => quiet.add(watcher));
            if (quiet.size && quietTimer === undefined) {
                quietTimer = browser.setTimeout(
                    readQuiet,
                    Math.max(0, quietRead + QUIET - Date.now())
                );
            }
        }

        function readAnewLater() {
            browser.clearTimeout(slow);
            slow = undefined;
            const busy = [...watchers].filter((watcher) => watcher.value()?.works.length);
            if (busy.length) {
                // Also what stands beside it: a row of the checklist follows from another.
                const ids = busy.flatMap((watcher) => watcher.value().connection_ids);
                slow = browser.setTimeout(() => readSoonOf(ids), READ_ANEW);
            }
        }

        function closeOnceSeen(close) {
            const leave = () =>
                document.querySelector(`.${RESULT}:hover`)
                    ? browser.setTimeout(leave, SEEN)
                    : close();
            const look = () => {
                MOVES.forEach((move) => browser.removeEventListener(move, look));
                browser.setTimeout(leave, SEEN);
            };
            MOVES.forEach((move) => browser.addEventListener(move, look));
        }

        bus.subscribe("inventory_source.progress", ({ connection_ids }) =>
            readSoonOf(connection_ids)
        );
        bus.subscribe("inventory_source.result", async (result) => {
            const { title, type, message, ways } = result;
            // Of several tabs those that are looked at say it, or else the main one.
            if (document.hidden && !(await tabs.isOnMainTab())) {
                return;
            }
            const close = notification.add(message, {
                title,
                type,
                className: type === "success" ? RESULT : `${RESULT} o_inventory_source_stays`,
                sticky: true,
                buttons: ways.map((way, index) => ({
                    name: way.button,
                    primary: !index,
                    onClick: () => {
                        close();
                        action.doAction(way.action);
                    },
                })),
            });
            if (type === "success") {
                closeOnceSeen(close);
            }
        });
        bus.start();

        return {
            /**
             * @param {{resModel, resId, value, show}} watcher of a record: `value()` is what it
             *  shows, `show(value)` is called with what is true now
             * @returns {Function} that ends it
             */
            watch(watcher) {
                watchers.add(watcher);
                if (slow === undefined) {
                    readAnewLater();
                }
                return () => {
                    watchers.delete(watcher);
                    due.delete(watcher);
                };
            },
        };
    },
};

registry.category("services").add("inventory_source_progress", progressService);
