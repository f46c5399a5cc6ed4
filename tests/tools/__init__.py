from . import test_address, test_line_match, test_network, test_safe_html
