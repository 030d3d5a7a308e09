"""What people and programs ask the gateway itself: the API and the pages."""
