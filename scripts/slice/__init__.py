"""Start a new contract: one operation of an OpenAPI document, converted to OpenAPI 3.1."""
