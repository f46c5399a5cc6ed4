"""The application: routers, refusals, and the OpenAPI description of the wire."""

from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from . import api, auth, control, desk, images, models, oauth, order_control, refusals
from .state import Simulator

_DESCRIPTION = (
    "A local Inventory Source, as this project knows the service; many names are assumptions. "
    "Calls below /v1 need a bearer token and use up the retailer's pool; calls below /_control "
    "exist in the simulator only."
)
# Bodies the handlers read themselves, so FastAPI does not describe them.
_BODIES = (models.OrderRequest,)
_REFERENCE = "#/components/schemas/{model}"


def create_app(simulator: Simulator) -> FastAPI:
    app = FastAPI(
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
    app.add_exception_handler(oauth.OAuthRefused, oauth.refused)
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        described = describe()
        wanted = [(model, "validation") for model in _BODIES]
        _names, schema = models_json_schema(wanted, ref_template=_REFERENCE)
        described["components"]["schemas"] |= schema["$defs"]
        return described

    app.openapi = openapi
    return app
