"""How often packages were pushed, pulled and deleted, and commands copied, by day."""
