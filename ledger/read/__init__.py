"""What is recorded, read: named queries for whoever shows it."""
