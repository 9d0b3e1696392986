"""Other formats as chat requests, and a chat's answer as theirs."""
