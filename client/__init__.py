"""The remote API of Inventory Source, in pure Python: standard library, requests, jmespath,
and for pictures Pillow and idna.

Nothing here knows Odoo. Clock, randomness, tokens and throttle come in as arguments; failures leave
as the classes of `errors` and nothing else (besides ValueError for arguments that make no sense).
"""
