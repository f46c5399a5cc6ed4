from . import test_address, test_counterparts, test_line_match, test_network, test_safe_html
