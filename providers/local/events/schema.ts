/**
 * The tables of the event platform. The list only grows: a change is a new statement at its end.
 *
 * `state`: 0 due at `due_ms`, 1 being delivered, 2 behind the first message of its group.
 */
export const EVENT_TABLES: readonly string[] = [
  `CREATE TABLE ev_lanes (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     app TEXT NOT NULL, stage TEXT NOT NULL, function TEXT NOT NULL,
     binding TEXT NOT NULL,
     event TEXT NOT NULL,
     UNIQUE (app, stage, function, binding)
   ) STRICT`,
  `CREATE TABLE ev_messages (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     queue TEXT NOT NULL,
     state INTEGER NOT NULL,
     due_ms INTEGER NOT NULL,
     message_id TEXT NOT NULL,
     sent_ms INTEGER NOT NULL,
     group_key TEXT,
     attempts INTEGER NOT NULL,
     data TEXT NOT NULL,
     attributes TEXT NOT NULL,
     last_error TEXT,
     dead TEXT
   ) STRICT`,
  'CREATE INDEX ev_messages_due ON ev_messages (queue, state, due_ms)',
  'CREATE INDEX ev_messages_group ON ev_messages (queue, group_key) WHERE group_key IS NOT NULL',
  'CREATE INDEX ev_messages_dead ON ev_messages (queue) WHERE dead IS NOT NULL',
  `CREATE TABLE ev_deliveries (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     lane INTEGER NOT NULL REFERENCES ev_lanes (id) ON DELETE CASCADE,
     state INTEGER NOT NULL,
     due_ms INTEGER NOT NULL,
     created_ms INTEGER NOT NULL,
     attempts INTEGER NOT NULL,
     request_id TEXT NOT NULL,
     event TEXT NOT NULL,
     policy TEXT,
     last_error TEXT
   ) STRICT`,
  'CREATE INDEX ev_deliveries_due ON ev_deliveries (lane, state, due_ms)',
  `CREATE TABLE ev_records (
     sequence INTEGER PRIMARY KEY AUTOINCREMENT,
     source TEXT NOT NULL,
     shard INTEGER NOT NULL,
     time_ms INTEGER NOT NULL,
     body TEXT NOT NULL
   ) STRICT`,
  'CREATE INDEX ev_records_shard ON ev_records (source, shard)',
  'CREATE INDEX ev_records_time ON ev_records (time_ms)',
  `CREATE TABLE ev_cursors (
     lane INTEGER NOT NULL REFERENCES ev_lanes (id) ON DELETE CASCADE,
     shard INTEGER NOT NULL,
     position INTEGER NOT NULL,
     attempts INTEGER NOT NULL,
     due_ms INTEGER NOT NULL,
     batch_end INTEGER,
     split_size INTEGER,
     in_flight INTEGER NOT NULL,
     PRIMARY KEY (lane, shard)
   ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE ev_rows (
     table_name TEXT NOT NULL,
     row_key TEXT NOT NULL,
     item TEXT NOT NULL,
     PRIMARY KEY (table_name, row_key)
   ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE ev_objects (
     bucket TEXT NOT NULL,
     object_key TEXT NOT NULL,
     digest TEXT NOT NULL,
     size_bytes INTEGER NOT NULL,
     content_type TEXT,
     PRIMARY KEY (bucket, object_key)
   ) STRICT, WITHOUT ROWID`,
  'CREATE INDEX ev_objects_digest ON ev_objects (digest)',
  `CREATE TABLE ev_schedules (
     lane INTEGER PRIMARY KEY REFERENCES ev_lanes (id) ON DELETE CASCADE,
     timing TEXT NOT NULL,
     due_ms INTEGER
   ) STRICT`,
  'ALTER TABLE ev_deliveries ADD COLUMN trace TEXT',
  // Deliveries that the death of the process cut short: of messages and single events all, of a shard those in a row.
  'ALTER TABLE ev_messages ADD COLUMN interruptions INTEGER NOT NULL DEFAULT 0',
  'ALTER TABLE ev_deliveries ADD COLUMN interruptions INTEGER NOT NULL DEFAULT 0',
  'ALTER TABLE ev_cursors ADD COLUMN interruptions INTEGER NOT NULL DEFAULT 0',
  'ALTER TABLE ev_cursors ADD COLUMN split TEXT',
  // Of bindings that are gone: their rows went, and no lane has their id.
  `CREATE TABLE ev_leaving (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     lane INTEGER NOT NULL,
     job TEXT NOT NULL,
     event TEXT NOT NULL
   ) STRICT`,
  'CREATE INDEX ev_leaving_job ON ev_leaving (lane, job)',
];

/** Due when its time comes. */
export const READY = 0;
/** Being delivered. */
export const IN_FLIGHT = 1;
/** Behind the first message of its group. */
export const BEHIND = 2;
