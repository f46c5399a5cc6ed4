from . import test_go_live, test_go_live_many
