-- Ids of devices, accounts, messages are the raw bytes of wire/ids.py; times are Unix milliseconds.

-- What this device is and has been told.
CREATE TABLE setting (
    key TEXT NOT NULL,
    -- 1: of this device only, never in a backup
    local INTEGER NOT NULL CHECK (local IN (0, 1)),
    value BLOB NOT NULL,
    PRIMARY KEY (local, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    account BLOB CHECK (length(account) = 32),
    detail TEXT NOT NULL
) STRICT;

CREATE TABLE spent_signal (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_signal_expires ON spent_signal (expires);

CREATE TABLE invite (
    secret BLOB PRIMARY KEY,
    created_at INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    -- it works once
    spent_at INTEGER
) STRICT, WITHOUT ROWID;

-- People and what we talk about.
CREATE TABLE contact (
    id INTEGER PRIMARY KEY,
    account BLOB NOT NULL UNIQUE CHECK (length(account) = 32),
    state TEXT NOT NULL CHECK (state IN ('request_sent', 'request_received', 'accepted', 'declined')),
    name TEXT NOT NULL,
    nickname TEXT NOT NULL,
    note TEXT NOT NULL,
    trust BLOB,
    blocked INTEGER NOT NULL CHECK (blocked IN (0, 1)),
    answered INTEGER NOT NULL CHECK (answered IN (0, 1)),
    added_at INTEGER NOT NULL
) STRICT;

CREATE TABLE conversation (
    id INTEGER PRIMARY KEY,
    conversation BLOB NOT NULL UNIQUE CHECK (length(conversation) = 32),
    -- the other side of a direct conversation
    contact INTEGER UNIQUE REFERENCES contact (id) ON DELETE CASCADE
) STRICT;

-- What accounts say about themselves, the own one too: the encoding of a Profile (wire/items.py).
CREATE TABLE profile (
    account BLOB PRIMARY KEY CHECK (length(account) = 32),
    profile BLOB NOT NULL
) STRICT;

CREATE TABLE device (
    device BLOB PRIMARY KEY CHECK (length(device) = 32),
    account BLOB NOT NULL CHECK (length(account) = 32),
    suite INTEGER NOT NULL,
    olm BLOB NOT NULL,
    fallback BLOB NOT NULL,
    sealing BLOB NOT NULL,
    expires INTEGER NOT NULL,
    possession BLOB NOT NULL,
    scheme TEXT NOT NULL,
    certificate BLOB NOT NULL,
    added INTEGER NOT NULL
) STRICT;
CREATE INDEX device_account ON device (account);

CREATE TABLE message (
    -- grows in the order of storing; never used again
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id BLOB NOT NULL CHECK (length(message_id) = 16),
    conversation INTEGER NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    sender BLOB NOT NULL CHECK (length(sender) = 32),
    device BLOB CHECK (length(device) = 32),
    outgoing INTEGER NOT NULL CHECK (outgoing IN (0, 1)),
    sent_at INTEGER NOT NULL,
    stored_at INTEGER NOT NULL,
    -- place in the conversation, together with message_id (order.py)
    place INTEGER NOT NULL,
    body TEXT NOT NULL,
    reply_to BLOB,
    state TEXT NOT NULL
        CHECK (state IN ('received', 'queued', 'sent', 'delivered', 'read', 'failed')),
    sent_to_peer_at INTEGER,
    delivered_at INTEGER,
    read_at INTEGER,
    reason TEXT,
    -- A sender cannot take the place of another's message by using its id.
    UNIQUE (message_id, sender)
) STRICT;
CREATE INDEX message_place ON message (conversation, place, message_id);
CREATE INDEX message_by_sender ON message (conversation, sender, place);
CREATE INDEX message_unread ON message (conversation) WHERE outgoing = 0 AND read_at IS NULL;
CREATE INDEX message_waiting ON message (conversation) WHERE state IN ('queued', 'sent');
CREATE INDEX message_undelivered ON message (conversation, place, message_id)
    WHERE state IN ('queued', 'sent', 'failed');
CREATE INDEX message_stored ON message (stored_at);

-- State of an outgoing message for each device that it goes to.
CREATE TABLE message_device (
    message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    device BLOB NOT NULL CHECK (length(device) = 32),
    state TEXT NOT NULL,
    reason TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (message, device)
) STRICT, WITHOUT ROWID;

CREATE TABLE attachment (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    media_type TEXT NOT NULL,
    data BLOB NOT NULL
) STRICT;

CREATE TABLE message_attachment (
    message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    attachment INTEGER NOT NULL REFERENCES attachment (id),
    name TEXT NOT NULL,
    PRIMARY KEY (message, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_attachment_attachment ON message_attachment (attachment);

-- Words by UAX #29 (so that Chinese and Japanese are found too), without case and accents.
CREATE VIRTUAL TABLE message_text USING fts5 (
    body,
    content = 'message',
    content_rowid = 'id',
    tokenize = 'simplify casefold true strip true unicodewords',
    prefix = '2 3'
);
CREATE TRIGGER message_text_insert AFTER INSERT ON message BEGIN
    INSERT INTO message_text (rowid, body) VALUES (new.id, new.body);
END;
CREATE TRIGGER message_text_delete AFTER DELETE ON message BEGIN
    INSERT INTO message_text (message_text, rowid, body) VALUES ('delete', old.id, old.body);
END;
CREATE TRIGGER message_text_update AFTER UPDATE OF body ON message BEGIN
    INSERT INTO message_text (message_text, rowid, body) VALUES ('delete', old.id, old.body);
    INSERT INTO message_text (rowid, body) VALUES (new.id, new.body);
END;

-- Olm (session/port.py). The pickles are encrypted once more, by the session layer.
CREATE TABLE olm_account (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    pickle TEXT NOT NULL
) STRICT;

CREATE TABLE olm_session (
    device BLOB NOT NULL CHECK (length(device) = 32),
    id TEXT NOT NULL,
    peer_key BLOB NOT NULL,
    pickle TEXT NOT NULL,
    last_use INTEGER NOT NULL,
    sending INTEGER NOT NULL CHECK (sending IN (0, 1)),
    PRIMARY KEY (device, id)
) STRICT;

CREATE TABLE olm_retired (
    n INTEGER PRIMARY KEY,
    device BLOB NOT NULL,
    session TEXT NOT NULL,
    UNIQUE (device, session)
) STRICT;

-- Streams between devices (delivery/port.py).
CREATE TABLE outgoing (
    device BLOB PRIMARY KEY CHECK (length(device) = 32),
    stream BLOB NOT NULL,
    acked INTEGER NOT NULL,
    sealed INTEGER NOT NULL,
    next INTEGER NOT NULL,
    CHECK (0 <= acked AND acked <= sealed AND sealed <= next)
) STRICT;

CREATE TABLE outgoing_item (
    device BLOB NOT NULL,
    number INTEGER NOT NULL,
    message_id BLOB,
    body BLOB NOT NULL,
    expires INTEGER,
    PRIMARY KEY (device, number)
) STRICT;
CREATE INDEX outgoing_item_expires ON outgoing_item (expires) WHERE expires IS NOT NULL;

CREATE TABLE sealed_frame (
    device BLOB NOT NULL,
    first INTEGER NOT NULL,
    count INTEGER NOT NULL,
    frame BLOB NOT NULL,
    PRIMARY KEY (device, first)
) STRICT;

CREATE TABLE incoming (
    device BLOB PRIMARY KEY CHECK (length(device) = 32),
    stream BLOB NOT NULL,
    next INTEGER NOT NULL,
    -- MessagePack array of numbers
    refused BLOB NOT NULL
) STRICT;

CREATE TABLE seen_message (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    device BLOB NOT NULL,
    message_id BLOB NOT NULL,
    UNIQUE (device, message_id)
) STRICT;
CREATE INDEX seen_message_device ON seen_message (device, n);
