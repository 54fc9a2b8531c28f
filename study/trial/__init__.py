"""One trial: simulate a network, integrate the mass models, measure both; and what decides it."""
