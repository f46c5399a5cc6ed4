"""Refusals of the retailer API: one exception, the error bodies, the handlers."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException


class Refused(Exception):
    """An answer other than 2xx; `more` are further keys of its body (`fields`, `orderId`).

    `flat` picks the second of the two known error shapes, as the gateway in front of the service
    writes it: `{"error": "...", "message": "..."}`.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        flat: bool = False,
        headers: dict[str, str] | None = None,
        **more: Any,
    ):
        super().__init__(message)
        self.status = status
        self.headers = headers
        error = {"code": code, "message": message}
        self.body = {"error": code, "message": message} if flat else {"error": error}
        self.body |= more


def field_messages(problems: Any, below: str) -> list[dict[str, str]]:
    """Return `{"path": "shippingAddress.state", "message"}` for pydantic's errors under a key."""
    fields = []
    for problem in problems:
        way = [str(step) for step in problem["loc"]]
        if len(way) > 1 and way[0] == below:
            way = way[1:]
        fields.append({"path": ".".join(way), "message": problem["msg"]})
    return fields


def install(app: FastAPI) -> None:
    """Answer every refusal as the service does."""

    @app.exception_handler(Refused)
    async def refused(_request: Request, error: Refused) -> JSONResponse:
        return JSONResponse(error.body, status_code=error.status, headers=error.headers)

    @app.exception_handler(HTTPException)
    async def unknown(_request: Request, error: HTTPException) -> JSONResponse:
        body = {"error": {"code": f"http_{error.status_code}", "message": str(error.detail)}}
        return JSONResponse(body, status_code=error.status_code, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    async def not_valid(_request: Request, error: RequestValidationError) -> JSONResponse:
        fields = field_messages(error.errors(), below="query")
        detail = {"code": "validation_failed", "message": "The request is not valid."}
        return JSONResponse({"error": detail, "fields": fields}, status_code=422)
