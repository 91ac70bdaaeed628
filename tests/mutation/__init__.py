"""Small changes of critical modules, each of which some test has to notice."""
