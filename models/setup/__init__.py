from . import setup_step
