"""An error text explained."""
