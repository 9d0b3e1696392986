"""Ways to ask a model something; one file per wire format."""
