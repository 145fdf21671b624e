"""Slack: in, Bolt's payloads become events; out, cards become Block Kit. Nothing of Slack is known anywhere else."""
