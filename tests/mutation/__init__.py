"""Small changes of critical modules, to be noticed by the tests."""
