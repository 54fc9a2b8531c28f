"""The network of the paper: its equations, and the two backends that simulate it."""
