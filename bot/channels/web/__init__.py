"""The page: a chat product of its own, served by the bot itself. `server.make_app` is the way in."""
