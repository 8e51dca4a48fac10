"""A contract of the programme (合同): signed, varied, paid, settled, its retention released."""
