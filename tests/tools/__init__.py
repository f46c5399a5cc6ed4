from . import test_address, test_safe_html
