/**
 * PostgreSQL's settings for an embedded server on a small machine. They are written to `facet.conf` at each start,
 * so that a new release brings its own; what an operator puts into `custom.conf` beside it wins. Settings that the
 * launcher itself depends on go on the command line, where no file can change them.
 */
import { totalmem } from 'node:os';

/** Bytes of a mebibyte. */
const MIB = 1024 * 1024;

/** Content of facet.conf. */
export function settingsFile(durable: boolean): string {
  const lines = Object.entries(settings(durable)).map(([name, value]) => `${name} = '${value}'`);
  return `# Written by Facet at each start. Put your own settings into custom.conf: they win.\n${lines.join('\n')}\n`;
}

/** Command line of the server, after the program. `reference` is the data directory in the server's own eyes. */
export function serverArguments(options: {
  readonly reference: string;
  readonly socketDirectory: string;
  readonly port: number;
  readonly clusterName: string;
}): readonly string[] {
  const pinned = {
    listen_addresses: '',
    unix_socket_directories: options.socketDirectory,
    unix_socket_permissions: '0700',
    port: options.port,
    cluster_name: options.clusterName,
    logging_collector: 'off',
    log_destination: 'stderr',
  };
  return [
    '-D',
    options.reference,
    ...Object.entries(pinned).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}

function settings(durable: boolean): Readonly<Record<string, string | number>> {
  return {
    // Connections: the pool, the lanes, change feeds, and room for an operator's own tools.
    max_connections: 200,
    superuser_reserved_connections: 5,
    // A backend whose client has gone away stops working on its statement within a second.
    client_connection_check_interval: '1s',

    // Memory: fixed and small; the operating system's cache does the rest.
    shared_buffers: '128MB',
    effective_cache_size: `${Math.max(256, Math.floor(totalmem() / 2 / MIB))}MB`,
    work_mem: '8MB',
    maintenance_work_mem: '64MB',
    // Today's disks have no seek time to speak of.
    random_page_cost: 1.1,
    // The shipped build has no compiler.
    jit: 'off',

    // What one session may spill to disk while it sorts, joins or follows paths: without it one query fills the disk.
    temp_file_limit: '4GB',

    // Write-ahead log: logical for the change feed. A feed that nobody reads may hold this much of it, no more.
    wal_level: 'logical',
    max_wal_size: '1GB',
    min_wal_size: '80MB',
    max_replication_slots: 32,
    max_wal_senders: 32,
    max_slot_wal_keep_size: '2GB',
    // Without fsync a crash of the machine loses data, a crash of PostgreSQL alone does not: what is acknowledged has
    // been handed to the operating system.
    synchronous_commit: 'on',
    ...(durable ? { fsync: 'on', full_page_writes: 'on' } : { fsync: 'off', full_page_writes: 'off' }),

    // Values look the same whatever the machine's own settings are.
    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C',

    // The log tells of the server, not of users' statements: those may hold secrets, and their errors are answered
    // to the users. In this order `log` lets LOG, FATAL and PANIC through.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_checkpoints: 'off',
    log_autovacuum_min_duration: '-1',
    log_line_prefix: '%m [%p] ',
  };
}

/** Local connections only: the socket's folder decides who comes in. */
export const HOST_BASED_AUTHENTICATION =
  '# Written by Facet: sockets only, and their folder is private.\n' +
  'local all all trust\nlocal replication all trust\n';
