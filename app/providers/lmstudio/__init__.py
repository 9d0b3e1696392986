"""LM Studio beyond OpenAI's format: its own lists, and loading, unloading and fetching models over plain HTTP."""
