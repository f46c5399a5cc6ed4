from ...client.errors import Throttled
from . import time_left


class OutOfTime(Throttled):
    """There is no time left for another request, here; in a run of its own there is."""

    def __init__(self):
        super().__init__(0.0)
        self.args = (
            "The service answers slowly, and there was no time left to ask it again. Try again.",
        )


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

    def take(self):
        """Take a token; see `client.api.Throttle`.

        :raise OutOfTime: Odoo would end this worker before the answer is dealt with
        """
        wait = 0.0
        if self._paid:
            self._paid = False
        elif not time_left.for_a_request():
            raise OutOfTime
        else:
            wait = self._throttle._take(self._lane, self._after_orders_of)
        if not wait:
            self.granted += 1
        return wait

    def limited(self, retry_after):
        """Note a 429; see `client.api.Throttle`."""
        self._throttle._limited(retry_after)
