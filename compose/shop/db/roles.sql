-- Roles and rights. No password is set here: the entrypoint takes them from the environment.
CREATE ROLE shop_owner NOLOGIN;
CREATE ROLE shop LOGIN;
CREATE ROLE dba LOGIN CREATEROLE;
CREATE ROLE exporter LOGIN CONNECTION LIMIT 5;
CREATE ROLE referee LOGIN CONNECTION LIMIT 10;

ALTER DATABASE shop OWNER TO shop_owner;
REVOKE ALL ON DATABASE shop FROM PUBLIC;
GRANT CONNECT ON DATABASE shop TO shop, dba, exporter, referee;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO shop_owner;

-- The on-call DBA: owns the shop's objects and administers its role, but is no superuser.
GRANT shop_owner TO dba;
GRANT shop TO dba WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;
GRANT pg_monitor, pg_signal_backend, pg_read_all_data, pg_write_all_data, pg_maintain, pg_checkpoint,
      pg_use_reserved_connections TO dba;
GRANT EXECUTE ON FUNCTION pg_reload_conf() TO dba;
GRANT ALTER SYSTEM ON PARAMETER
    max_connections, idle_session_timeout, idle_in_transaction_session_timeout, transaction_timeout,
    statement_timeout, lock_timeout, deadlock_timeout, tcp_keepalives_idle, tcp_keepalives_interval,
    tcp_keepalives_count, client_connection_check_interval, shared_buffers, work_mem, maintenance_work_mem,
    effective_cache_size, random_page_cost, max_wal_size, checkpoint_timeout, autovacuum, autovacuum_naptime,
    autovacuum_max_workers, autovacuum_vacuum_cost_delay, autovacuum_vacuum_cost_limit,
    log_min_duration_statement, log_lock_waits
    TO dba;
-- What the DBA types is in the server's log. The server logs every role's statements but those of the three
-- machines below, so a role that the DBA creates is logged too; a DBA cannot change a superuser's setting.
ALTER ROLE dba SET log_statement = 'all';
ALTER ROLE shop SET log_statement = 'none';

-- The watchers get in when the ordinary slots are full, and never wait long for a lock.
GRANT pg_monitor, pg_use_reserved_connections TO exporter;
ALTER ROLE exporter SET lock_timeout = '200ms';
ALTER ROLE exporter SET statement_timeout = '700ms';
ALTER ROLE exporter SET log_statement = 'none';
-- A DBA may make schemas and objects: the watchers look only where the server and the shop keep theirs.
ALTER ROLE exporter SET search_path = pg_catalog, public;
-- The referee reads; it ends sessions only when a trainee has said that they are done.
GRANT pg_read_all_data, pg_monitor, pg_signal_backend, pg_use_reserved_connections TO referee;
ALTER ROLE referee SET search_path = pg_catalog, public;
ALTER ROLE referee SET statement_timeout = '20s';
ALTER ROLE referee SET lock_timeout = '2s';
ALTER ROLE referee SET default_transaction_read_only = 'on';
ALTER ROLE referee SET log_statement = 'none';
