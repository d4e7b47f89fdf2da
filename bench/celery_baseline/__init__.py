"""What a user would write with Celery, Redis and Twilio's own client to send a run and keep the results."""
