"""The engine inside: llama.cpp on this machine, one child process per model, one supervisor beside gunicorn."""
