"""The encrypted local database: messages, contacts, outbox, sessions, search, export."""
