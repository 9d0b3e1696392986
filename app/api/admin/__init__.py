"""What the administration screens call."""
