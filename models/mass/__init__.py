"""The neural mass models: contract (model.py), names (registry.py), a small file each."""
