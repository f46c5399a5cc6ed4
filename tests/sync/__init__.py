from . import test_lane, test_lane_stops, test_orders_first, test_throttle
