"""A local Inventory Source: sign-in, retailer API, order desk, faults on demand, journal.

It implements the service as this project knows it (FACT, SEEN and ASSUMED parts alike), strictly,
so that our client's mistakes fail here first. State lives in memory and ends with the process.
"""
