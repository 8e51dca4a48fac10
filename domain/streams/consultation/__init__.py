"""A design consultation (设计征询): a text put to the people, every opinion answered."""
