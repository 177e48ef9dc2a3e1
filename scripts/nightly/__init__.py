"""What people hear of a nightly run: one issue for each topic, opened, updated and closed."""
