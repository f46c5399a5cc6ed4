"""Work by many processes at once on one database, each with Odoo's registry and its own cursors."""

import json

from workbench import databases

# Runs in Odoo's shell. The registry is loaded once and the process forked: connections must not be
# shared, so all are closed before.
_SCRIPT = """
import json, os, sys, time, traceback
from odoo import api, sql_db
{body}
uid = env.uid
registry = env.registry
env.cr.commit()
env.cr.close()
sql_db.close_all()
begin = time.time() + 0.5
pipes = []
for number in range({processes}):
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            time.sleep(max(0, begin - time.time()))
            with registry.cursor() as cr:
                result = work(api.Environment(cr, uid, {{}}), number)
        except BaseException:
            result = traceback.format_exc()
        os.write(write, json.dumps(result).encode())
        os._exit(0)
    os.close(write)
    pipes.append((pid, read))
results = []
for pid, read in pipes:
    with os.fdopen(read) as pipe:
        results.append(json.loads(pipe.read()))
    os.waitpid(pid, 0)
print("RESULTS", json.dumps(results), flush=True)
# The shell would go on with the cursor that was closed above.
os._exit(0)
"""


def run(database, body, processes=8):
    """Run `body`, which defines `work(env, number)`, and return what each process's `work` gave."""
    printed = databases.shell(database, _SCRIPT.format(body=body, processes=processes))
    line = next(line for line in printed.splitlines() if line.startswith("RESULTS "))
    results = json.loads(line.removeprefix("RESULTS "))
    assert not any(isinstance(result, str) for result in results), results
    return results
