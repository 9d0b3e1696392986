"""What tests share: the misbehaving upstream server, its replies and certificates."""
