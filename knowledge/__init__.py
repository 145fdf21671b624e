"""What the policy says. Pure: no chat, no people, no network."""
