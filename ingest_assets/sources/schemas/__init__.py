"""Message schemas: their fields, and payloads read with them."""
