from . import (
    test_connect_copies,
    test_connect_dashboard,
    test_connect_issuer,
    test_connect_link,
    test_connect_pages,
    test_connect_paste,
    test_connect_revocation,
    test_connect_secrets,
    test_connect_tokens,
    test_connection_rights,
    test_counted,
    test_request_budget,
)
