"""The Twilio side: Messages API, status callbacks, inbound webhooks, the carrier's STOP filter."""
