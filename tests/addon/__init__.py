from . import (
    test_field_rights,
    test_neighbours,
    test_record_mixin,
    test_same_rule,
    test_screens,
    test_security,
    test_states,
    test_time_left,
    test_transaction,
    test_translations,
    test_walks,
    test_wizard_rights,
)
