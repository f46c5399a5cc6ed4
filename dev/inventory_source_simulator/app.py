"""The application: routers, refusals, and the OpenAPI description of the wire."""

from typing import Any, Literal

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from . import api, auth, control, desk, images, models, oauth, order_control, refusals
from .state import Simulator

_DESCRIPTION = (
    "A local Inventory Source, as this project knows the service; many names are assumptions. "
    "Calls below /v1 need a bearer token and use up the retailer's pool; calls below /_control "
    "exist in the simulator only."
)
_BODIES: tuple[tuple[type[BaseModel], Literal["validation"]], ...] = (
    (models.OrderRequest, "validation"),
)
_REFERENCE = "#/components/schemas/{model}"


class _App(FastAPI):
    """Describes the bodies that handlers read themselves as well."""

    def openapi(self) -> dict[str, Any]:
        described = super().openapi()
        _names, schema = models_json_schema(_BODIES, ref_template=_REFERENCE)
        described["components"]["schemas"] |= schema["$defs"]
        return described


def create_app(simulator: Simulator) -> FastAPI:
    app = _App(
        title="Inventory Source simulator",
        version="1",
        description=_DESCRIPTION,
        docs_url=None,  # the pages would load their scripts from elsewhere
        redoc_url=None,
        # One schema for both directions: money is a number or a decimal string in answers too.
        separate_input_output_schemas=False,
    )
    app.state.simulator = simulator
    for module in (auth, oauth, api, images, desk, control, order_control):
        app.include_router(module.router)
    refusals.install(app)
    oauth.install(app)
    return app
