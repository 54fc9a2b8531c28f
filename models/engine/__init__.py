"""The dense engine: a Brian2 standalone device for networks of equal synapses, as bits."""
