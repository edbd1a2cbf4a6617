"""What the API's methods do, by concern."""
