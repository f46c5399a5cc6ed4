"""The wire as pydantic models: what is accepted, what is answered, and the OpenAPI description.

Requests are strict (an unknown key is refused); answers may carry more keys than named here.
"""

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StrictInt,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Money = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=4)]
Identifier = int | str
_STATE_COUNTRIES = {"US", "CA"}


class Option(BaseModel):
    name: str
    value: str


class Parent(BaseModel):
    id: Identifier
    sku: str | None = None
    title: str | None = None


class Product(BaseModel):
    """Money in USD, as number or decimal string; weight in lb, sizes in inches.

    `map` and `msrp` of 0 or null mean none.
    """

    id: Identifier
    sku: str
    supplierId: int
    title: str
    description: str | None = None
    shortDescription: str | None = None
    cost: Decimal
    dropshipFee: Decimal | None = None
    shippingCost: Decimal | None = None
    surchargeFee: Decimal | None = None
    map: Decimal | None = None
    msrp: Decimal | None = None
    quantity: int
    active: bool = True
    weight: Decimal | None = None
    length: Decimal | None = None
    width: Decimal | None = None
    height: Decimal | None = None
    thumbnail: str | None = None
    images: list[str] = []
    manufacturer: str | None = None
    primaryCategory: str | None = None
    subCategory: str | None = None
    attributes: list[Option] = []
    options: list[Option] = []
    parent: Parent | int | str | None = None
    upc: str | None = None
    asin: str | None = None
    isbn: str | None = None
    mpn: str | None = None
    firearm: bool = False
    amazonAllowed: bool | None = None
    ebayAllowed: bool | None = None
    walmartAllowed: bool | None = None
    jetAllowed: bool | None = None
    position: int | None = None
    sellingUnit: str | None = None


class Products(BaseModel):
    products: list[Product]


class ProductsAnswer(BaseModel):
    data: Products


class Channel(BaseModel):
    id: Identifier
    name: str


class Channels(BaseModel):
    channels: list[Channel]


class ChannelsAnswer(BaseModel):
    data: Channels


class Catalog(BaseModel):
    id: Identifier
    name: str
    supplierId: int | None = None
    supplierName: str | None = None


class Catalogs(BaseModel):
    catalogs: list[Catalog]


class CatalogsAnswer(BaseModel):
    data: Catalogs


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Address(_Request):
    """Where the shipment goes; a state of two letters is needed in the USA and Canada.

    What is optional may be null, empty or left out.
    """

    name: Text
    company: str | None = Field(default=None, max_length=200)
    address1: Text
    address2: str | None = Field(default=None, max_length=200)
    city: Text
    country: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]
    state: str | None = Field(default=None, max_length=100, validate_default=True)
    zip: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=12)]
    phone: Annotated[str | None, Field(pattern=r"^([0-9+(). x-]{5,30})?$")] = None
    email: Annotated[str | None, Field(pattern=r"^([^@\s]+@[^@\s]+)?$", max_length=254)] = None

    @field_validator("state")
    @classmethod
    def _state_of_country(cls, state: str | None, info: ValidationInfo) -> str | None:
        needed = info.data.get("country") in _STATE_COUNTRIES
        if needed and not re.fullmatch("[A-Z]{2}", state or ""):
            raise PydanticCustomError("state", "Two capital letters are needed in this country.")
        return state


class OrderItem(_Request):
    lineId: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    sku: Text
    supplierId: int | None = None
    quantity: Annotated[StrictInt, Field(ge=1, le=100_000)]
    price: Money | None = None


class Order(_Request):
    orderNumber: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    orderDate: AwareDatetime
    shippingMethod: str | None = Field(default=None, max_length=100)
    note: str | None = Field(default=None, max_length=2000)
    currency: Literal["USD"] = "USD"
    shippingAddress: Address
    items: Annotated[list[OrderItem], Field(min_length=1, max_length=500)]

    @field_validator("items")
    @classmethod
    def _lines_once(cls, items: list[OrderItem]) -> list[OrderItem]:
        if len({item.lineId for item in items}) < len(items):
            raise PydanticCustomError("line_id", "Each lineId may be used once.")
        return items


class OrderRequest(_Request):
    order: Order


class AnsweredItem(BaseModel):
    lineId: Identifier
    sku: str
    quantity: int
    status: Literal["accepted", "backordered", "rejected", "canceled"]
    reason: str | None = None
    cost: Decimal | None = None


class AnsweredOrder(BaseModel):
    id: Identifier
    orderNumber: str
    status: Literal["Not Processed", "Processed", "Failed", "Shipped", "Completed", "Canceled"]
    items: list[AnsweredItem] | None = None


class OrderData(BaseModel):
    order: AnsweredOrder


class OrderAnswer(BaseModel):
    data: OrderData


class ShippedItem(BaseModel):
    lineId: Identifier | None = None
    sku: str
    quantity: int


class Shipment(BaseModel):
    id: Identifier | None = None
    supplierId: int | None = None
    status: Literal["shipped", "delivered", "voided"]
    carrier: str | None = None
    method: str | None = None
    trackingNumber: str | None = None
    trackingUrl: str | None = None
    shippedAt: AwareDatetime | None = None
    shippingCost: Decimal | None = None
    items: list[ShippedItem]


class Shipments(BaseModel):
    orderStatus: str | None = None
    shipments: list[Shipment]


class ShipmentsAnswer(BaseModel):
    data: Shipments


class ErrorDetail(BaseModel):
    code: str
    message: str


class FieldMessage(BaseModel):
    path: str
    message: str


class ErrorAnswer(BaseModel):
    """Any refusal; `fields` come with 422, `orderId` with 409."""

    error: ErrorDetail | str
    message: str | None = None
    fields: list[FieldMessage] | None = None
    orderId: Identifier | None = None
    orderNumber: str | None = None


class TokenAnswer(BaseModel):
    access_token: str
    refresh_token: str | None = None
    scope: str
    expires_in: int
    token_type: Literal["Bearer"]


class TokenError(BaseModel):
    error: str
    error_description: str
