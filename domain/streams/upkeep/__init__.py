"""Upkeep (长效管理): who maintains a street, who supervises whom, and how they are assessed."""
