"""All tables."""

from wholecell.models import append_only
from wholecell.models.accounts import LoginLink, Role, Setting, Throttle, User, UserSession, WebAuthn
from wholecell.models.api import ApiCall, ApiToken
from wholecell.models.apps import MarketplaceApp
from wholecell.models.catalog import Condition, Grade, Product, ProductVariation, variation_conditions
from wholecell.models.customers import Customer, SalesChannel
from wholecell.models.erasure import ErasedBuyer, ErasureNotice
from wholecell.models.events import ChangeBatch, Event
from wholecell.models.hand_exports import HandExport, HandExportRow
from wholecell.models.integration_notes import IntegrationNote
from wholecell.models.integrations import (
    Integration,
    Listing,
    ListingSku,
    ListingVariation,
    integration_statuses,
    integration_warehouses,
)
from wholecell.models.inventory import InventoryItem, InventoryStatus, Location, Warehouse
from wholecell.models.order_import import OrderImportError, StatusMapping
from wholecell.models.orders import Commitment, OrderItem, OrderNote, SalesOrder, SalesOrderStatus
from wholecell.models.shipments import Shipment, ShipmentUnit
from wholecell.models.shipping import HandedOrder, OrderExport, OrderExportPage, ShipmentNotice, ShippingSettings
from wholecell.models.sign_ins import ChannelSignIn
from wholecell.models.sync import (
    BudgetState,
    OfferChange,
    OfferChangeOrder,
    QuantityPush,
    RateLimitState,
    RecomputeRequest,
    SyncRun,
    Work,
)
from wholecell.models.uploads import Upload, UploadRow

__all__ = [
    "HandedOrder",
    "OrderExport",
    "OrderExportPage",
    "ShipmentNotice",
    "ShippingSettings",
    "OfferChangeOrder",
    "ShipmentUnit",
    "Shipment",
    "OrderNote",
    "StatusMapping",
    "OrderImportError",
    "SalesChannel",
    "ApiCall",
    "ApiToken",
    "Customer",
    "BudgetState",
    "ChangeBatch",
    "ChannelSignIn",
    "Commitment",
    "Condition",
    "ErasedBuyer",
    "ErasureNotice",
    "Event",
    "Grade",
    "HandExport",
    "HandExportRow",
    "Integration",
    "IntegrationNote",
    "InventoryItem",
    "InventoryStatus",
    "Listing",
    "ListingSku",
    "ListingVariation",
    "Location",
    "LoginLink",
    "MarketplaceApp",
    "OfferChange",
    "OrderItem",
    "Product",
    "ProductVariation",
    "QuantityPush",
    "RateLimitState",
    "RecomputeRequest",
    "Role",
    "SalesOrder",
    "SalesOrderStatus",
    "Setting",
    "SyncRun",
    "Throttle",
    "Upload",
    "UploadRow",
    "User",
    "UserSession",
    "Warehouse",
    "WebAuthn",
    "Work",
    "append_only",
    "integration_statuses",
    "integration_warehouses",
    "variation_conditions",
]
