"""A pretend world on loopback, for the demo and the tests. Nothing outside knows that it isn't real."""
