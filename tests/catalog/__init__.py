from . import (
    test_catalog_conditions,
    test_catalog_export,
    test_catalog_failing,
    test_catalog_hostile,
    test_catalog_in_part,
    test_catalog_pass,
    test_catalog_refresh,
    test_catalog_refused,
    test_catalog_remote,
    test_catalog_rows,
    test_catalog_tolerance,
)
