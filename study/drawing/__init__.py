"""The figures, made from tables and arrays."""
