"""The Train room."""
