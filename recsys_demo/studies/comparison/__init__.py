"""Models side by side: everything the Compare room shows, computed from saved runs."""
