from . import test_setup_steps
