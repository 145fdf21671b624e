"""Measures the bot beside plain tools; `python -m bench` prints the tables that the README quotes."""
