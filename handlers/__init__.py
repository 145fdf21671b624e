"""One file for each thing that a person can do. No chat product's SDK is imported here."""
