"""A package, so that its fixtures end with it: Playwright runs a loop in the main thread."""
