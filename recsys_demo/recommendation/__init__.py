"""Lists for one query over the whole catalogue, and why they are as they are. No torch here: a list
is ready before torch would be imported."""
