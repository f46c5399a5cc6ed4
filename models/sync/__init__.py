from . import fold_mixin, record_mixin

# isort: split
from . import base, guard, ir_cron, lane, problem, run, states, throttle, time_left, transaction
