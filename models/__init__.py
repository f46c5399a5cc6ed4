from . import (
    connection,
    lane,
    problem,
    run,
)
