"""The bot: people, incidents and what can be said. It knows no chat product and no policy."""
