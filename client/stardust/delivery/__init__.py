"""A message that was sent is never lost: durable outbox, ordered streams, acknowledgements."""
