-- Users and rights. All are locked here: the entrypoint sets their passwords and unlocks them.
INSTALL PLUGIN auth_socket SONAME 'auth_socket.so';
-- The superuser comes from inside the container only, as the server's own system user.
ALTER USER root@localhost IDENTIFIED WITH auth_socket AS 'mysql';

CREATE USER shop@'%', dba@'%', exporter@'%', referee@'%', replica@'%', heartbeat@'%'
    IDENTIFIED WITH caching_sha2_password ACCOUNT LOCK;

GRANT SELECT, INSERT, UPDATE, DELETE ON shop.* TO shop@'%';

-- The on-call DBA: everything in the shop's schema, its sessions, its settings and its replication, and the
-- accounts that are not protected by SYSTEM_USER. Not the grant tables, and no shutdown.
GRANT ALL ON shop.* TO dba@'%' WITH GRANT OPTION;
GRANT PROCESS, RELOAD, SHOW DATABASES, CREATE USER, REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO dba@'%';
GRANT CONNECTION_ADMIN, SYSTEM_VARIABLES_ADMIN, SESSION_VARIABLES_ADMIN, REPLICATION_SLAVE_ADMIN,
      REPLICATION_APPLIER, BINLOG_ADMIN, BACKUP_ADMIN, XA_RECOVER_ADMIN, APPLICATION_PASSWORD_ADMIN,
      SHOW_ROUTINE ON *.* TO dba@'%';
GRANT SELECT ON performance_schema.* TO dba@'%';
GRANT SELECT, EXECUTE ON sys.* TO dba@'%';
GRANT SELECT ON mysql.innodb_table_stats TO dba@'%';
GRANT SELECT ON mysql.innodb_index_stats TO dba@'%';
GRANT SELECT ON mysql.gtid_executed TO dba@'%';

-- The watchers get in by the administrative port when every ordinary connection is taken.
GRANT PROCESS, REPLICATION CLIENT ON *.* TO exporter@'%';
GRANT SYSTEM_USER, SERVICE_CONNECTION_ADMIN ON *.* TO exporter@'%';
GRANT SELECT ON performance_schema.* TO exporter@'%';
GRANT SELECT ON sys.* TO exporter@'%';

GRANT SELECT, PROCESS, SHOW DATABASES, SHOW VIEW, REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO referee@'%';
GRANT SYSTEM_USER, SERVICE_CONNECTION_ADMIN, SHOW_ROUTINE, XA_RECOVER_ADMIN ON *.* TO referee@'%';

GRANT SELECT, UPDATE ON shop.heartbeat TO heartbeat@'%';
GRANT SYSTEM_USER, SERVICE_CONNECTION_ADMIN ON *.* TO heartbeat@'%';

GRANT REPLICATION SLAVE ON *.* TO replica@'%';
