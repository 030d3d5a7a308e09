"""The OpenAPI document: made from the routes and their shapes, never written beside them."""

from tbgateway.controlplane.api.openapi.document import Document

__all__ = ["Document"]
