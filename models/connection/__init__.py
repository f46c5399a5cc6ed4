from ...tools import log_privacy
from . import encrypted_mixin

# isort: split
from . import connection

# isort: split
from . import (
    authorization,
    channel,
    config_parameter,
    connect,
    credentials,
    dashboard,
    profile,
    profile_version,
    request_budget,
    revocation,
    schedule,
    secret,
    token_keeper,
    tokens,
)

# Before anybody can have a secret to keep.
log_privacy.install()
