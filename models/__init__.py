# First what the others inherit from.
from . import access, consent, schedule, sealing

# isort: split
from . import (
    authorization,
    channel,
    connection,
    lane,
    problem,
    profile,
    run,
    secret,
    throttle,
)
