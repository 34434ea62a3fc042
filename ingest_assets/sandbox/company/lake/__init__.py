"""The lake's databases, one module a department."""
