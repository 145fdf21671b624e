"""The chat products. Each turns what its SDK receives into an event, and a card into what its people see."""
