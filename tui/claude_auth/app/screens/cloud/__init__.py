"""Who one would be in each cloud."""
