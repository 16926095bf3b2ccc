"""Delivers notifications: reads the outbox (store/notification.py) and says what came of each."""
