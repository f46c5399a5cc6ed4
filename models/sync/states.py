"""The states of orders and shipments, and the sets of them that decide something.

Whoever needs a set takes it from here, for SQL and domains as well: a test looks for others.
"""

ORDER_STATES = [
    ("review", "Action needed"),
    ("held", "On Hold"),
    ("queued", "Queued"),
    ("sending", "Sending"),
    ("unknown", "To verify"),
    ("accepted", "Accepted"),
    ("done", "Done"),
    ("rejected", "Rejected"),
    ("cancelled", "Canceled"),
]
# Nothing of it left, or the service certainly did not take it: it still follows its documents.
UNSENT = ("review", "held", "queued")
# The service certainly does not hold it, as long as no attempt ended without a clear answer.
NOT_AT_SERVICE = (*UNSENT, "rejected")
# It goes on as soon as it can: nobody holds it.
UNHELD = ("review", "queued")
# The same, and what is leaving: what a copy of the database has to stop.
TO_STOP = (*UNHELD, "sending")
# It leaves now, if the lane has its way.
LEAVING = ("queued", "sending")
# An attempt was made, and what became of it is not known.
AWAITED = ("sending", "unknown")
# The service holds it, or may.
AT_SERVICE = (*AWAITED, "accepted")
# The same, and what is sent once more (what was never sent still follows its documents).
MAY_COME = (*AT_SERVICE, "queued")
# The service took it, for good.
TAKEN = ("accepted", "done")
# It stays one of these once the service took it: that may cancel it after all.
KEPT = (*TAKEN, "cancelled")
# It is paid for, or may be.
BOUGHT = (*TAKEN, "unknown")
# An attempt has ended, the service canceled what it took, or acknowledged it: documents follow what
# is known of it.
HAS_LEFT = (*BOUGHT, "rejected", "cancelled", "sending")
# A person is called.
NEEDS_PERSON = ("review", "unknown", "rejected")
# It does not go on by itself: the same, and what somebody has to release.
WAITS_FOR_PERSON = (*NEEDS_PERSON, "held")
# A person may have to say whether the service holds it.
TO_DECIDE = ("review", "unknown")
# The same where the service acknowledged it and tells no more.
TO_DECIDE_LATE = (*TO_DECIDE, "sending")
# Nothing of it is bought.
NOT_BOUGHT = ("rejected", "cancelled")
# A shipment the service reports may show that the supplier has it all the same.
UNPROVEN = ("unknown", "cancelled")
# Nothing more happens to it.
CLOSED = ("done", "cancelled")

SHIPMENT_STATES = [
    ("pending", "To record"),
    ("applied", "Recorded"),
    ("problem", "Action needed"),
    ("voided", "Voided"),
    ("dismissed", "Dismissed"),
]
# Its goods are still to be moved.
TO_APPLY = ("pending", "problem")
# Its goods do not come.
NOT_COMING = ("voided", "dismissed")
