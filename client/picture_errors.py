"""Why a picture did not come: two classes, because they are tried again at different times."""


class PictureError(Exception):
    """A picture that cannot be had now; `str(error)` is a sentence for people."""


class PictureRefused(PictureError):
    """Against our rules, or not there: the same address will give the same result for long."""


class PictureUnavailable(PictureError):
    """The host did not deliver: it was not reached, broke off, failed or asked us to wait."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        """Keep the seconds the host asked us to wait, if it did."""
        super().__init__(message)
        self.retry_after = retry_after
