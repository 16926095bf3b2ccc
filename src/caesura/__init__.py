"""Caesura: outbound campaigns in which pause is a promise."""
