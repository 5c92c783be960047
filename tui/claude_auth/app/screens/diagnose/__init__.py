"""What is wrong, its fixes, and taking them back."""
