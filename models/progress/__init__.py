from . import work

# isort: split
from . import catalog, progress, result, setup_step
