"""Microsoft Teams. Microsoft's SDK is known in this folder and nowhere else; docs/teams.md takes an IT person through it."""
