"""Speaking to vendors: one file per vendor, one wire format, one pooled client."""
