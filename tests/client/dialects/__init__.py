"""Four services that are none of ours, each with a profile as an administrator would write it.

What is assumed about the remote API is data: the same client plays an order through each of them,
and only the profile says how (`test_dialects.py`). The services take nothing else than what their
own reference, the docstring of each class, demands.
"""
