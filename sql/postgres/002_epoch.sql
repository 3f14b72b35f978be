-- Tells clients that this is not the database that they knew: a restored one goes on from an earlier moment, and gives a seq again
-- that was given before. A server that starts where there is none makes one.
CREATE TABLE epoch (
    id    bigint NOT NULL PRIMARY KEY CHECK (id = 1),
    value text   NOT NULL
);
