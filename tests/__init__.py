from . import (
    test_catalogue_family,
    test_catalogue_import,
    test_catalogue_pass,
    test_catalogue_remote,
    test_catalogue_rows,
    test_catalogue_update,
    test_connect_pages,
    test_order_enqueue,
    test_order_send,
    test_throttle,
)
