"""The neural mass models: their contract (model.py), their names (registry.py), a small file each."""
