"""Holds lanes and people at a moment of their transactions, by triggers in the test's database.

Whoever is held waits for a lock of PostgreSQL that the test has; nothing of it is in the addon.
"""

import contextlib
import time

import psycopg2

# Kinds of locks: a lane that is about to change a placeholder, and so has its snapshot and has not
# committed; a person who has done everything but commit; a run of the scheduler that is over and
# has not said so.
LANE, PERSON, RUN = 7711, 7712, 7713
SECONDS = 60

TRIGGERS = f"""
CREATE FUNCTION window_lane() RETURNS trigger AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared({LANE}, OLD.sale_order_id);
    RETURN COALESCE(NEW, OLD);
END $$ LANGUAGE plpgsql;
CREATE TRIGGER window_lane BEFORE UPDATE OR DELETE ON inventory_source_order
    FOR EACH ROW WHEN (OLD.is_placeholder) EXECUTE FUNCTION window_lane();

CREATE FUNCTION window_person() RETURNS trigger AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared({PERSON}, NEW.order_id);
    RETURN NEW;
END $$ LANGUAGE plpgsql;
-- The watch, which works margins out for nobody (1), is no person: held here it would keep orders
-- from the lane that the test waits for.
CREATE CONSTRAINT TRIGGER window_person AFTER INSERT OR UPDATE ON sale_order_line
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.write_uid <> 1)
    EXECUTE FUNCTION window_person();

CREATE FUNCTION window_run() RETURNS trigger AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared({RUN}, OLD.id);
    RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER window_run BEFORE UPDATE ON ir_cron
    FOR EACH ROW EXECUTE FUNCTION window_run();

-- Hundreds of orders are an hour of a real pool.
CREATE FUNCTION window_pool() RETURNS trigger AS $$
BEGIN
    NEW.tat = (clock_timestamp() - interval '1 hour') AT TIME ZONE 'UTC';
    NEW.blocked_until = NULL;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER window_pool BEFORE INSERT OR UPDATE ON inventory_source_throttle
    FOR EACH ROW EXECUTE FUNCTION window_pool();
UPDATE inventory_source_throttle SET tat = tat;
"""


class Gate:
    """The locks of one thread of the test."""

    def __init__(self, database):
        self._session = psycopg2.connect(dbname=database)
        self._session.autocommit = True
        # Who never lets go fails the test, and does not keep it.
        self.rows(f"SET lock_timeout = '{SECONDS}s'")

    def close(self):
        self._session.close()

    def rows(self, sql, *parameters):
        with self._session.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall() if cursor.description else []

    def shut(self, kind, number):
        """Hold whoever comes; waits until nobody is on the way through."""
        self.rows("SELECT pg_advisory_lock(%s, %s)", kind, number)

    def open(self, kind, number):
        self.rows("SELECT pg_advisory_unlock(%s, %s)", kind, number)

    @contextlib.contextmanager
    def shut_for(self, kind, number):
        self.shut(kind, number)
        try:
            yield
        finally:
            self.open(kind, number)

    def held(self, kind, numbers):
        """Return the first of these records at which somebody is held; None after a while."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            found = self.rows(
                "SELECT objid::int FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                " AND classid = %s AND objid = ANY(%s::oid[]) LIMIT 1",
                kind,
                list(numbers),
            )
            if found:
                return found[0][0]
            time.sleep(0.005)
        return None
