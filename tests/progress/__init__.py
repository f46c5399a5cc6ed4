from . import test_progress
