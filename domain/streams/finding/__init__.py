"""A finding on patrol (巡查发现): cleared up in time, or it rises a level (长效管理三级监督)."""
