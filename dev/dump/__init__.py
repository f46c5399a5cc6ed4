"""`make dump`: a filled database of this version, for the tests of every later one."""
