"""Settings for the property tests: no database of examples in the checkout, no stop-watch."""

from hypothesis import settings

settings.register_profile("client", database=None, deadline=None, max_examples=60)
settings.load_profile("client")
