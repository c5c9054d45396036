-- Reads what mqtt5-messages prints into SQLite (3.38 or later): mqtt5-messages CAPTURE | sqlite3 -init messages.sql :memory: "select ..."
-- The separators keep the import from looking into the lines.
create table lines(line text);
.mode ascii
.separator "\001" "\n"
.import /dev/stdin lines
create view messages as select
    line ->> 'file' as file, line ->> 'frame' as frame, line ->> 'time' as time, line ->> 'stream' as stream, line ->> 'client_id' as client_id,
    line ->> 'direction' as direction, line ->> 'topic' as topic, line ->> 'qos' as qos, line ->> 'retain' as retain, line ->> 'dup' as dup,
    line -> 'properties' as properties, line ->> 'payload' as payload, line ->> 'payload_length' as payload_length,
    line ->> 'published_in' as published_in, line ->> 'published_by' as published_by, line ->> 'delivery_time' as delivery_time,
    line -> 'findings' as findings
from lines;
.mode box
