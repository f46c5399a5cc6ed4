from . import test_lane, test_orders_first, test_throttle
