"""`make demo`: the main job, from an empty database to a delivered order."""
