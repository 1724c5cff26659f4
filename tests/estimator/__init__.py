"""Tests of the package `estimator`."""
