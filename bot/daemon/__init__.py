"""The bot as a process that stays: the gateway client, the ticks, health and metrics, start and stop."""
