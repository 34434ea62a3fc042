"""The services that recipes read, one room each, and what those rooms share."""
