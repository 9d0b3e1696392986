"""Answers that belong to the server: made, remembered event by event, followed and stopped."""
