/**
 * The option table: every setting of the server, once. Flags, environment variables, the keys of facet.toml, the
 * help text, the reference page and `--print-config` are all read from these rows. Reading values is config.ts.
 *
 * A row named `tls-cert` is the flag `--tls-cert`, the variable `FACET_TLS_CERT`, the field `config.tlsCert`, and in
 * facet.toml the place that `file` names. Options take effect at start; none is re-read while the server runs.
 */
import { DEFAULT_RATES, LIMITS } from '../base/index.ts';
import type { RateCategory } from '../models/index.ts';

export type OptionType =
  | 'text'
  | 'boolean'
  | 'integer'
  /** A count of bytes: `1048576`, or with a unit `512kB`, `10MB`, `1GB` (powers of 1,024). */
  | 'bytes'
  /** Milliseconds: `30000`, or with a unit `30s`, `5m`, `250ms`. */
  | 'duration'
  | 'choice'
  /** `host:port`, `[v6]:port` or `:port` (every interface). */
  | 'address'
  /** A file. Relative ones start at the working directory, or at the folder of the facet.toml that names them. */
  | 'path';

export interface OptionRow {
  readonly type: OptionType;
  /** null: not set. */
  readonly default: string | number | boolean | null;
  /** What the reference prints when the default is worked out at start. */
  readonly defaultText?: string;
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
  readonly group: OptionGroup;
  /** Dotted place in facet.toml; null for options that make sense on the command line only. */
  readonly file: string | null;
  readonly sentence: string;
  readonly secret?: true;
  /** Of addresses: `off` is one. */
  readonly mayBeOff?: true;
  readonly example?: string;
  /** Left out of --help, where it would hide the others; the reference page has it. */
  readonly quiet?: true;
}

/** Headings of --help and of the reference page, in this order. */
export const OPTION_GROUPS = [
  'Store and listeners',
  'Access',
  'TLS',
  'Log',
  'Limits',
  'Rate limits',
  'Changes',
  'Synap',
  'Neumann',
  'Bolt',
  'Snapshots',
  'Cluster',
  'Configuration',
] as const;
export type OptionGroup = (typeof OPTION_GROUPS)[number];

const HOUR_MS = 3_600_000;

function rate(category: RateCategory, name: string, kind: 'rps' | 'burst') {
  const limit = DEFAULT_RATES[category];
  return {
    type: 'integer',
    default: kind === 'rps' ? limit.perSecond : limit.burst,
    min: 1,
    max: 10_000_000,
    group: 'Rate limits',
    file: `http.rate_limit.${name}.${kind}`,
    sentence:
      kind === 'rps'
        ? `Requests per second that one caller may sustain on \`${name}\` routes.`
        : `Requests that one caller may send at once on \`${name}\` routes after a pause.`,
    quiet: true,
  } as const;
}

export const OPTIONS = {
  store: {
    type: 'text',
    default: null,
    defaultText: 'file:// and the folder facet-data in the working directory',
    group: 'Store and listeners',
    file: 'store',
    sentence: 'Where the data is: file:///folder, memory://name or postgres://user@host/database.',
    example: 'file:///var/lib/facet',
  },
  listen: {
    type: 'address',
    default: '127.0.0.1:8088',
    group: 'Store and listeners',
    file: 'listen',
    sentence: 'Address of the HTTP listener; port 0 picks a free one.',
    example: '0.0.0.0:8088',
  },
  'grpc-listen': {
    type: 'address',
    default: '127.0.0.1:9090',
    group: 'Store and listeners',
    file: 'grpc_listen',
    mayBeOff: true,
    sentence: 'Address of the gRPC listener; port 0 picks a free one, `off` opens none.',
    example: '0.0.0.0:9090',
  },
  'bolt-listen': {
    type: 'address',
    default: '127.0.0.1:7687',
    group: 'Store and listeners',
    file: 'bolt_listen',
    mayBeOff: true,
    sentence: 'Address of the Bolt listener; port 0 picks a free one, `off` opens none.',
    example: '0.0.0.0:7687',
  },
  'flush-interval': {
    type: 'duration',
    default: null,
    min: 0,
    max: HOUR_MS,
    group: 'Store and listeners',
    file: 'flush_interval',
    sentence:
      'How often changes of graphs are forced into the data files; 0s or nothing leaves that to PostgreSQL. Commits are durable without.',
    example: '30s',
  },
  'graph-writer': {
    type: 'choice',
    default: 'exclusive',
    choices: ['exclusive', 'shared'],
    group: 'Store and listeners',
    file: 'graph.writer',
    sentence:
      'Who writes a graph: exclusive is the one process that claimed it last, shared is every process on the store. The same for all of them.',
  },
  'graph-journal': {
    type: 'choice',
    default: 'graphd',
    choices: ['graphd', 'on', 'off'],
    group: 'Snapshots',
    file: 'graph.journal',
    sentence:
      'Whose first write to a graph turns its journal on, if nobody has turned it on or off: that of graphd, any, or none.',
  },
  'journal-retention': {
    type: 'duration',
    default: null,
    min: 0,
    max: 100 * 366 * 24 * HOUR_MS,
    group: 'Snapshots',
    file: 'graph.journal_retention',
    sentence:
      'Age from which entries of a journal are removed, once a snapshot that is kept has them. Without it all are kept.',
    example: '720h',
  },

  'auth-token': {
    type: 'text',
    default: null,
    group: 'Access',
    file: 'auth_token',
    sentence:
      'One secret that makes its bearer admin. Prefer the variable or the file: command lines are visible to others.',
    secret: true,
  },
  'token-file': {
    type: 'path',
    default: null,
    group: 'Access',
    file: 'token_file',
    sentence:
      'File with the SHA-256 hashes of tokens, as graphd has it; `facet token create` adds to it. Its tokens have role write unless an entry names another.',
    example: '/etc/facet/tokens.json',
  },
  insecure: {
    type: 'boolean',
    default: false,
    group: 'Access',
    file: 'insecure',
    sentence: 'Serve beyond this machine without credentials: everyone who connects is admin.',
  },
  'trust-proxy': {
    type: 'boolean',
    default: false,
    group: 'Access',
    file: 'http.trust_proxy',
    sentence: 'Take the address of a client from X-Forwarded-For. Only behind a proxy that sets it.',
  },
  'vault-key-file': {
    type: 'path',
    default: null,
    group: 'Access',
    file: 'vault.key_file',
    sentence:
      'File with the keys of encrypted values, 32 bytes as hexadecimal digits or base64 in a line each: the first encrypts, the further ones decrypt what was encrypted before. Nobody else may read it.',
    example: '/etc/facet/vault.key',
  },

  'graphql-introspection': {
    type: 'boolean',
    default: true,
    group: 'Access',
    file: 'graphql.introspection',
    sentence: 'Let GraphQL clients ask for the schema of the API; it is the same on every server.',
    quiet: true,
  },
  development: {
    type: 'boolean',
    default: false,
    group: 'Access',
    file: 'development',
    sentence: 'Serve GraphiQL, the explorer of GraphQL, at /graphiql. For a machine of one developer.',
  },

  'hub-url': {
    type: 'text',
    default: null,
    group: 'Access',
    file: 'hub.url',
    sentence:
      'Address of a hub that knows further access keys and their plans. With it everyone has to say who they are.',
    example: 'https://hub.example.com/api',
  },
  'hub-token': {
    type: 'text',
    default: null,
    group: 'Access',
    file: 'hub.token',
    sentence: 'Secret by which this server names itself to the hub.',
    secret: true,
  },
  'hub-timeout-ms': {
    type: 'duration',
    default: LIMITS.hubTimeoutMsDefault,
    min: 10,
    max: 60_000,
    group: 'Access',
    file: 'hub.timeout_ms',
    sentence: 'Time for the hub to answer before it counts as failing.',
    quiet: true,
  },

  'tls-cert': {
    type: 'path',
    default: null,
    group: 'TLS',
    file: 'tls.cert',
    sentence: 'PEM file with the certificate of this server and those between it and its root.',
    example: '/etc/facet/server.crt',
  },
  'tls-key': {
    type: 'path',
    default: null,
    group: 'TLS',
    file: 'tls.key',
    sentence: 'PEM file with the private key of the certificate.',
    example: '/etc/facet/server.key',
  },
  'tls-client-ca': {
    type: 'path',
    default: null,
    group: 'TLS',
    file: 'tls.client_ca',
    sentence: 'PEM file with the authorities whose client certificates are accepted (mTLS).',
    example: '/etc/facet/clients-ca.crt',
  },
  'tls-client-required': {
    type: 'boolean',
    default: true,
    group: 'TLS',
    file: 'tls.client_required',
    sentence: 'With tls-client-ca: refuse connections that show no such certificate.',
  },

  'log-level': {
    type: 'choice',
    default: 'info',
    choices: ['debug', 'info', 'warn', 'error', 'silent'],
    group: 'Log',
    file: 'log.level',
    sentence: 'Least severe level that is written; debug has a line for every operation.',
  },
  'log-format': {
    type: 'choice',
    default: 'auto',
    choices: ['auto', 'json', 'text'],
    group: 'Log',
    file: 'log.format',
    sentence: 'Form of the lines; auto is text on a terminal and JSON elsewhere.',
  },
  'slow-query-ms': {
    type: 'duration',
    default: 1_000,
    min: 0,
    max: HOUR_MS,
    group: 'Log',
    file: 'log.slow_query_ms',
    sentence: 'Operations and statements that take longer are logged as warnings; 0 turns this off.',
  },

  'body-bytes-max': {
    type: 'bytes',
    default: LIMITS.bodyBytesMax,
    min: 1_024,
    max: 1_073_741_824,
    group: 'Limits',
    file: 'http.body_bytes_max',
    sentence: 'Largest body of one HTTP request.',
    example: '10MB',
  },
  'http-connections-max': {
    type: 'integer',
    default: LIMITS.httpConnectionsMax,
    min: 1,
    max: 1_000_000,
    group: 'Limits',
    file: 'http.connections_max',
    sentence: 'Open HTTP connections; further ones are closed at once.',
  },
  'pool-connections': {
    type: 'integer',
    default: LIMITS.poolConnectionsDefault,
    min: 2,
    max: 1_000,
    group: 'Limits',
    file: 'limits.pool_connections',
    sentence: 'Connections to PostgreSQL for statements, in each namespace; transactions have their own.',
  },
  'transactions-open-max': {
    type: 'integer',
    default: LIMITS.transactionsOpenMax,
    min: 1,
    max: 1_000,
    group: 'Limits',
    file: 'limits.transactions_open_max',
    sentence: 'Interactive transactions that may be open at once.',
  },
  'transactions-per-principal-max': {
    type: 'integer',
    default: LIMITS.transactionsPerPrincipalMax,
    min: 1,
    max: 1_000,
    group: 'Limits',
    file: 'limits.transactions_per_principal_max',
    sentence: 'Interactive transactions that one principal may have open at once.',
  },
  'result-rows-max': {
    type: 'integer',
    default: LIMITS.resultRowsMax,
    min: 1,
    max: 100_000_000,
    group: 'Limits',
    file: 'limits.result_rows_max',
    sentence: 'Rows of a result that is answered in one piece; streams have no such bound.',
  },
  'vector-memory': {
    type: 'bytes',
    default: LIMITS.vectorMemoryBytesMax,
    min: 1_048_576,
    max: 1_099_511_627_776,
    group: 'Limits',
    file: 'limits.vector_memory',
    sentence:
      'Memory that the vector indexes of this process take together; one that does not fit is refused.',
    example: '4GB',
  },
  'query-timeout-ms-max': {
    type: 'duration',
    default: LIMITS.queryTimeoutMsMax,
    min: 1,
    max: LIMITS.queryTimeoutMsMax,
    group: 'Limits',
    file: 'limits.query_timeout_ms_max',
    sentence: 'Longest timeout that a request may ask for.',
    example: '10m',
  },
  'drain-ms': {
    type: 'duration',
    default: LIMITS.drainMsMax,
    min: 0,
    max: HOUR_MS,
    group: 'Limits',
    file: 'limits.drain_ms',
    sentence: 'Time for requests under way to finish once a stop is asked for.',
    example: '30s',
  },

  'rate-limit-enabled': {
    type: 'boolean',
    default: true,
    group: 'Rate limits',
    file: 'http.rate_limit.enabled',
    sentence: 'Refuse callers that exceed the request rates of [http.rate_limit].',
  },
  'rate-limit-admin-rps': rate('admin', 'admin', 'rps'),
  'rate-limit-admin-burst': rate('admin', 'admin', 'burst'),
  'rate-limit-query-rps': rate('query', 'query', 'rps'),
  'rate-limit-query-burst': rate('query', 'query', 'burst'),
  'rate-limit-vector-search-rps': rate('vector', 'vector_search', 'rps'),
  'rate-limit-vector-search-burst': rate('vector', 'vector_search', 'burst'),
  'rate-limit-cluster-rps': rate('cluster', 'cluster', 'rps'),
  'rate-limit-cluster-burst': rate('cluster', 'cluster', 'burst'),
  'rate-limit-default-rps': rate('default', 'default', 'rps'),
  'rate-limit-default-burst': rate('default', 'default', 'burst'),

  'webhook-allow-private': {
    type: 'boolean',
    default: false,
    group: 'Changes',
    file: 'changes.webhook_allow_private',
    sentence:
      'Deliver changes to webhooks at private, loopback and link-local addresses, too. Whoever may subscribe then reaches them through this server.',
  },

  'synap-wire': {
    type: 'choice',
    default: 'documented',
    choices: ['documented', 'released'],
    group: 'Synap',
    file: 'synap.wire',
    sentence:
      'What Synap clients get where one answer cannot serve all: documented is as the REST API reference says, released is what the published SDKs read.',
  },
  'synap-allow-flush': {
    type: 'boolean',
    default: false,
    group: 'Synap',
    file: 'synap.allow_flush',
    sentence: 'Let kv.flushdb and kv.flushall delete every key of a namespace.',
  },

  'neumann-bind-addr': {
    type: 'address',
    default: 'off',
    group: 'Neumann',
    file: 'neumann.bind_addr',
    mayBeOff: true,
    sentence:
      'Address of a gRPC listener for the Neumann services alone; port 0 picks a free one. With `off` they are on the gRPC listener.',
    example: '127.0.0.1:9200',
  },
  'neumann-wire': {
    type: 'choice',
    default: 'documented',
    choices: ['documented', 'released'],
    group: 'Neumann',
    file: 'neumann.wire',
    sentence:
      'Field numbers of the Neumann services: documented are those of the reference, released are those of the published servers and clients.',
  },
  'neumann-max-message-size': {
    type: 'bytes',
    default: 67_108_864,
    min: 1_024,
    max: LIMITS.grpcMessageBytesMax,
    group: 'Neumann',
    file: 'neumann.max_message_size',
    sentence: 'Largest message of the Neumann services over gRPC, in both directions.',
    example: '64MB',
  },
  'neumann-max-upload-size': {
    type: 'bytes',
    default: 536_870_912,
    min: 1,
    max: LIMITS.blobBytesMax,
    group: 'Neumann',
    file: 'neumann.max_upload_size',
    sentence: 'Largest artifact that BlobService/Upload takes, counted as its bytes arrive.',
    example: '1GB',
  },
  'neumann-enable-grpc-web': {
    type: 'boolean',
    default: true,
    group: 'Neumann',
    file: 'neumann.enable_grpc_web',
    sentence: 'Serve the Neumann services as gRPC-Web and Connect on the HTTP listener, too.',
  },
  'neumann-enable-reflection': {
    type: 'boolean',
    default: true,
    group: 'Neumann',
    file: 'neumann.enable_reflection',
    sentence: 'Let gRPC clients ask for the descriptors of the Neumann services.',
  },
  'neumann-blob-chunk-size': {
    type: 'bytes',
    default: 65_536,
    min: 1,
    max: 16_777_216,
    group: 'Neumann',
    file: 'neumann.blob_chunk_size',
    sentence: 'Bytes of an artifact in one message of a download.',
  },
  'neumann-stream-channel-capacity': {
    type: 'integer',
    default: 32,
    min: 1,
    max: 10_000,
    group: 'Neumann',
    file: 'neumann.stream_channel_capacity',
    sentence: 'Messages of a stream that may wait for a client that reads slowly.',
  },
  'neumann-api-key-header': {
    type: 'text',
    default: 'x-api-key',
    group: 'Neumann',
    file: 'neumann.api_key_header',
    sentence: 'Metadata in which callers of the Neumann services send their key.',
  },
  'neumann-allow-anonymous': {
    type: 'boolean',
    default: false,
    group: 'Neumann',
    file: 'neumann.allow_anonymous',
    sentence: 'Let callers of the Neumann services come without a key, though credentials are configured.',
  },
  'neumann-anonymous-role': {
    type: 'choice',
    default: 'read',
    choices: ['read', 'write', 'admin'],
    group: 'Neumann',
    file: 'neumann.anonymous_role',
    sentence: 'Role of callers without a key, in the default namespace.',
    quiet: true,
  },
  'neumann-cors-origins': {
    type: 'text',
    default: null,
    group: 'Neumann',
    file: 'neumann.cors_origins',
    sentence:
      'Sites whose pages may call the Neumann services on the HTTP listener, divided by commas; `*` is every site.',
    example: 'https://app.example.com',
  },

  'bolt-tls': {
    type: 'choice',
    default: 'required',
    choices: ['required', 'optional'],
    group: 'Bolt',
    file: 'bolt.tls',
    sentence:
      'With tls-cert: required refuses connections of Bolt in the clear, optional takes both on one port.',
  },
  'bolt-advertised-address': {
    type: 'text',
    default: null,
    group: 'Bolt',
    file: 'bolt.advertised_address',
    sentence:
      'What routing drivers (neo4j://) are told to be the address of this server, host:port. Without it, the one that the driver has used.',
    example: 'graph-1.example.com:7687',
  },
  'bolt-writers': {
    type: 'text',
    default: null,
    group: 'Bolt',
    file: 'bolt.writers',
    sentence:
      'Servers that routing drivers send writes to, host:port separated by commas. Without it, this one.',
    example: 'graph-1.example.com:7687',
  },
  'bolt-readers': {
    type: 'text',
    default: null,
    group: 'Bolt',
    file: 'bolt.readers',
    sentence:
      'Servers that routing drivers send reads to, host:port separated by commas. Without it, this one.',
    example: 'graph-2.example.com:7687,graph-3.example.com:7687',
  },

  'snapshot-directory': {
    type: 'path',
    default: null,
    defaultText: 'the folder snapshots beside the data of a file:// store',
    group: 'Snapshots',
    file: 'snapshots.directory',
    sentence: 'Folder in which snapshots of graphs are kept, with a folder for each namespace.',
    example: '/var/backups/facet',
  },
  'snapshot-compression': {
    type: 'choice',
    default: 'gzip',
    choices: ['none', 'gzip', 'zstd'],
    group: 'Snapshots',
    file: 'snapshots.compression',
    sentence: 'How snapshots are compressed; zstd needs Node.js 22.15 or newer.',
  },
  'snapshot-key-file': {
    type: 'path',
    default: null,
    group: 'Snapshots',
    file: 'snapshots.key_file',
    sentence:
      'File with the key that snapshots are encrypted with, in the form of vault-key-file; the first one counts. Without it they are not encrypted.',
    example: '/etc/facet/snapshots.key',
  },
  'snapshot-retain-daily': {
    type: 'integer',
    default: 7,
    min: 1,
    max: 10_000,
    group: 'Snapshots',
    file: 'snapshots.retain_daily',
    sentence: 'The newest snapshots of a namespace that are kept, whenever they were made.',
  },
  'snapshot-retain-weekly': {
    type: 'integer',
    default: 4,
    min: 0,
    max: 10_000,
    group: 'Snapshots',
    file: 'snapshots.retain_weekly',
    sentence: 'Weeks of which the newest snapshot is kept, too.',
  },
  'snapshot-retain-monthly': {
    type: 'integer',
    default: 3,
    min: 0,
    max: 10_000,
    group: 'Snapshots',
    file: 'snapshots.retain_monthly',
    sentence: 'Periods of 30 days of which the newest snapshot is kept, too.',
  },

  region: {
    type: 'text',
    default: 'local',
    group: 'Cluster',
    file: 'cluster.region',
    sentence: 'Name of the place where this server runs, as the cluster routes report it.',
    example: 'eu-central',
  },
  'node-id': {
    type: 'text',
    default: 'node-1',
    group: 'Cluster',
    file: 'cluster.node_id',
    sentence: 'Name of this server, as the cluster routes report it.',
  },
  'cluster-id': {
    type: 'text',
    default: 'facet',
    group: 'Cluster',
    file: 'cluster.cluster_id',
    sentence: 'Name of the whole, as the health route reports it.',
  },

  config: {
    type: 'path',
    default: null,
    defaultText: './facet.toml, if there is one',
    group: 'Configuration',
    file: null,
    sentence: 'File with these options and the credentials.',
  },
  'print-config': {
    type: 'boolean',
    default: false,
    group: 'Configuration',
    file: null,
    sentence: 'Print every option with its value and where that came from, then exit. Secrets are masked.',
  },
} as const satisfies Record<string, OptionRow>;

export type OptionKey = keyof typeof OPTIONS;

/** The rows in the order of the table, under the general type. */
export const OPTION_ROWS: ReadonlyMap<OptionKey, OptionRow> = new Map(
  Object.entries(OPTIONS) as [OptionKey, OptionRow][],
);

/** `tls-cert` is read from `FACET_TLS_CERT`. */
export const environmentName = (key: string): string => `FACET_${key.toUpperCase().replaceAll('-', '_')}`;

type Camel<Key extends string> = Key extends `${infer Head}-${infer Rest}`
  ? `${Head}${Capitalize<Camel<Rest>>}`
  : Key;

type Plain<Row> = Row extends { type: 'boolean' }
  ? boolean
  : Row extends { type: 'integer' | 'bytes' | 'duration' }
    ? number
    : Row extends { type: 'choice'; choices: readonly (infer Choice)[] }
      ? Choice
      : string;

/** Values of all options: `config.httpConnectionsMax`. Those without a default are null until someone sets them. */
export type OptionValues = {
  readonly [Key in OptionKey as Camel<Key>]:
    | Plain<(typeof OPTIONS)[Key]>
    | ((typeof OPTIONS)[Key] extends { default: null } ? null : never);
};

/** `tls-cert` is the field `tlsCert`. */
export const fieldName = (key: string): string =>
  key.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
