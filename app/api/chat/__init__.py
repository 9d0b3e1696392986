"""Conversations over HTTP: what the web UI speaks, and any client that wants its chats kept."""
