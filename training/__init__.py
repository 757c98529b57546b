"""Trains, measures and exports the models of a Grapevine bundle."""
