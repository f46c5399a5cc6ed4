from . import test_safe_html
