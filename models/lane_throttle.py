class LaneThrottle:
    """The client's `Throttle`: tokens for one lane, whatever is called with them.

    `granted` counts the requests it let through. `paid`: the token of the first was taken before.
    `after_orders`: whoever asks can wait until the orders of this moment have left.
    """

    def __init__(self, throttle, connection_id, lane, paid=False, after_orders=False):
        self._throttle = throttle
        self._after_orders_of = connection_id if after_orders else None
        self._lane = lane
        self._paid = paid
        self.granted = 0

    def take(self, _lane):
        """Take a token; see `client.api.Throttle`."""
        wait = 0.0
        if self._paid:
            self._paid = False
        else:
            wait = self._throttle._take(self._lane, self._after_orders_of)
        if not wait:
            self.granted += 1
        return wait

    def limited(self, retry_after):
        """Note a 429; see `client.api.Throttle`."""
        self._throttle._limited(retry_after)
