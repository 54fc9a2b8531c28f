"""The neural mass models, one small file each, all with the same signature."""
