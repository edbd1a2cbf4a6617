-- Presence (docs/protocol.md). Nothing of it is in a backup: the keys are of devices.

-- The key of this device's beats.
CREATE TABLE presence_own (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    generation INTEGER NOT NULL,
    -- NULL: presence is off; the next key is of a greater generation
    key BLOB CHECK (length(key) = 32)
) STRICT;

-- Which devices have been given a key of this device.
CREATE TABLE presence_given (
    device BLOB PRIMARY KEY CHECK (length(device) = 32),
    generation INTEGER NOT NULL
) STRICT;

-- Keys that other devices gave to this one. NULL: taken back.
CREATE TABLE presence_key (
    device BLOB PRIMARY KEY CHECK (length(device) = 32),
    generation INTEGER NOT NULL,
    key BLOB CHECK (length(key) = 32)
) STRICT;
