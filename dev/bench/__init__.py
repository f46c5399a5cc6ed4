"""`make bench`: each file here with a function `measure()` brings rows of the table.

A row is (name, bar, measured, held): two texts as people read them, and whether the bar was held.
Ratios are between two measurements of the same run.
"""
