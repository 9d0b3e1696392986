"""The side-by-side benchmark: Patchbay, nginx, LiteLLM's proxy and Portkey's gateway before one fake upstream."""
