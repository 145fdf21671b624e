"""Incidents: opened, delivered, acknowledged, recorded; never lost, leaked or quietly changed."""
