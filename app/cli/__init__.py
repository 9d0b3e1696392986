"""The command line of administrators (`./patchbay admin …`)."""
