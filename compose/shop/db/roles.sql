-- Roles and rights. No password is set here: the entrypoint takes them from the environment.
CREATE ROLE shop_owner NOLOGIN;
CREATE ROLE shop LOGIN;
CREATE ROLE dba LOGIN CREATEROLE REPLICATION;
CREATE ROLE exporter LOGIN CONNECTION LIMIT 5;
CREATE ROLE referee LOGIN CONNECTION LIMIT 10;
CREATE ROLE replica LOGIN REPLICATION CONNECTION LIMIT 4;
CREATE ROLE heartbeat LOGIN CONNECTION LIMIT 5;

ALTER DATABASE shop OWNER TO shop_owner;
REVOKE ALL ON DATABASE shop FROM PUBLIC;
GRANT CONNECT ON DATABASE shop TO shop, dba, exporter, referee, heartbeat;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO shop_owner;

-- The on-call DBA: owns the shop's objects, administers its role and its replica's, but is no superuser.
GRANT shop_owner TO dba;
GRANT shop, replica TO dba WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;
GRANT pg_monitor, pg_signal_backend, pg_read_all_data, pg_write_all_data, pg_maintain, pg_checkpoint,
      pg_use_reserved_connections TO dba;
GRANT EXECUTE ON FUNCTION pg_reload_conf(), pg_wal_replay_pause(), pg_wal_replay_resume(), pg_switch_wal(),
      pg_promote(boolean, integer) TO dba;
GRANT ALTER SYSTEM ON PARAMETER
    max_connections, idle_session_timeout, idle_in_transaction_session_timeout, transaction_timeout,
    statement_timeout, lock_timeout, deadlock_timeout, tcp_keepalives_idle, tcp_keepalives_interval,
    tcp_keepalives_count, client_connection_check_interval, shared_buffers, work_mem, maintenance_work_mem,
    effective_cache_size, random_page_cost, max_wal_size, checkpoint_timeout, autovacuum, autovacuum_naptime,
    autovacuum_max_workers, autovacuum_vacuum_cost_delay, autovacuum_vacuum_cost_limit,
    log_min_duration_statement, log_lock_waits,
    primary_conninfo, primary_slot_name, recovery_min_apply_delay, hot_standby_feedback, max_standby_streaming_delay,
    max_standby_archive_delay, synchronous_standby_names, synchronous_commit, max_slot_wal_keep_size, wal_keep_size
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
-- A commit that waits for a replica would make the heart of the primary itself stand still.
GRANT pg_use_reserved_connections TO heartbeat;
ALTER ROLE heartbeat SET synchronous_commit = 'local';
ALTER ROLE heartbeat SET lock_timeout = '500ms';
ALTER ROLE heartbeat SET statement_timeout = '1s';
ALTER ROLE heartbeat SET log_statement = 'none';
ALTER ROLE heartbeat SET search_path = pg_catalog, public;
-- The referee reads; it ends sessions only when a trainee has said that they are done.
GRANT pg_read_all_data, pg_monitor, pg_signal_backend, pg_use_reserved_connections TO referee;
ALTER ROLE referee SET search_path = pg_catalog, public;
ALTER ROLE referee SET statement_timeout = '20s';
ALTER ROLE referee SET lock_timeout = '2s';
ALTER ROLE referee SET default_transaction_read_only = 'on';
ALTER ROLE referee SET log_statement = 'none';
