from . import test_address, test_line_match, test_safe_html
