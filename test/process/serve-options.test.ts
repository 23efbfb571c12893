/** `facet serve` before it serves: wrong options, the printed configuration, the help text. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { facet, MAIN, runProgram } from '../support/facet-process.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'facet-options-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const serve = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  facet(['serve', ...args], { directory, environment });

describe('wrong options end with code 78, one line and a hint', () => {
  test.each([
    [['--lisen', 'x'], {}, 'error CONFIG_INVALID: Unknown option --lisen\nhint: Did you mean --listen?\n'],
    [['--lisen=x'], {}, 'error CONFIG_INVALID: Unknown option --lisen\nhint: Did you mean --listen?\n'],
    [
      ['--listen', 'a:1', '--listen', 'b:2'],
      {},
      'error CONFIG_INVALID: --listen is given twice\nhint: Give it once.\n',
    ],
    [
      ['--insecure', '--insecure'],
      {},
      'error CONFIG_INVALID: --insecure is given twice\nhint: Give it once.\n',
    ],
    [['--listen'], {}, "error CONFIG_INVALID: Option '--listen <host:port>' argument missing\n"],
    [['--listen', 'nowhere'], {}, "error CONFIG_INVALID: --listen is 'nowhere', and must be host:port"],
    [['extra'], {}, 'error CONFIG_INVALID: Too many arguments'],
    [
      [],
      { FACET_LSITEN: 'x' },
      'error CONFIG_INVALID: Unknown environment variable FACET_LSITEN\nhint: Did you mean FACET_LISTEN?\n',
    ],
    [
      [],
      { FACET_DRAIN_MS: 'soon' },
      "error CONFIG_INVALID: FACET_DRAIN_MS is 'soon', and must be a duration",
    ],
    [
      ['--listen', '0.0.0.0:0'],
      {},
      'error CONFIG_INVALID: Refusing to listen on 0.0.0.0:0 without credentials: everyone who reaches it would be admin\nhint: Set auth-token',
    ],
    [['--tls-cert', 'a.crt'], {}, 'error CONFIG_INVALID: tls-cert is set, but tls-key is not\n'],
    [['--tls-cert', 'a.crt', '--tls-key', 'a.key'], {}, 'error CONFIG_INVALID: tls-cert: '],
    [['--config', 'missing.toml'], {}, 'error CONFIG_INVALID: The config file '],
  ])('%j %j', async (args, environment, text) => {
    const { code, stdout, stderr } = await serve(args, environment);
    expect(stderr.slice(0, text.length)).toBe(text);
    expect(stderr).not.toContain('    at ');
    expect([code, stdout]).toEqual([78, '']);
  });

  test('in facet.toml, with the place', async () => {
    writeFileSync(join(directory, 'wrong.toml'), '[log]\nlevle = "debug"\n');
    const { code, stderr } = await serve(['--config', 'wrong.toml']);
    expect(stderr).toBe(
      "error CONFIG_INVALID: Unknown key 'log.levle' in wrong.toml\nhint: Did you mean log.level?\n",
    );
    expect(code).toBe(78);
  });

  test('the stack is for those who ask for it', async () => {
    const { stderr } = await serve(['--listen', 'nowhere', '--log-level', 'debug']);
    expect(stderr).toContain('    at ');
  });
});

test('a store that this version does not have', async () => {
  const { code, stderr } = await serve(['--store', 's3://bucket/x', '--listen', '127.0.0.1:0']);
  expect(stderr).toMatch(/^error STORE_UNSUPPORTED: .*s3/);
  expect(code).toBe(78);
});

test('an address that is in use, and no PostgreSQL left behind', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const { code, stdout, stderr } = await serve([
    ...[
      '--listen',
      `127.0.0.1:${port}`,
      '--store',
      'memory://x',
      '--log-level',
      'debug',
      '--log-format',
      'json',
    ],
  ]);
  other.close();
  expect(stderr).toContain(
    `error LISTEN_FAILED: The address 127.0.0.1:${port} is in use by another process\nhint: `,
  );
  expect(code).toBe(69);
  const events = stdout.split('\n').flatMap((line) => /postgres (\w+)"/.exec(line)?.[1] ?? []);
  expect(events.slice(-2)).toEqual(['stopping', 'stopped']);
});

test('--print-config', async () => {
  writeFileSync(
    join(directory, 'facet.toml'),
    `listen = "127.0.0.1:1"
[log]
level = "warn"
slow_query_ms = "2s"
[http.rate_limit.query]
rps = 7
[[credentials]]
name = "reports"
role = "read"
secret = "sha256:${'ab'.repeat(32)}"
expires = 2030-01-01T00:00:00Z
`,
  );
  const args = ['--print-config', '--store', 'postgres://me:geheim@db/x', '--tls-client-required=false'];
  const environment = { FACET_LOG_LEVEL: 'error', FACET_AUTH_TOKEN: 'a-token-nobody-should-see' };
  const { code, stdout, stderr } = await serve(args, environment);
  rmSync(join(directory, 'facet.toml'));
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout.replaceAll(directory, '<folder>')).toMatchInlineSnapshot(`
    "# config file <folder>/facet.toml

    store = "postgres://me:********@db/x"        # flag --store
    listen = "127.0.0.1:1"                       # facet.toml
    grpc_listen = "127.0.0.1:9090"               # default
    bolt_listen = "127.0.0.1:7687"               # default
    # flush_interval is not set                  # default
    auth_token = "********"                      # environment FACET_AUTH_TOKEN
    # token_file is not set                      # default
    insecure = false                             # default
    development = false                          # default

    [graph]
    writer = "exclusive"                         # default
    journal = "graphd"                           # default
    # journal_retention is not set               # default

    [http]
    trust_proxy = false                          # default
    body_bytes_max = 10485760                    # default
    connections_max = 10000                      # default

    [vault]
    # key_file is not set                        # default

    [graphql]
    introspection = true                         # default

    [hub]
    # url is not set                             # default
    # token is not set                           # default
    timeout_ms = 5000                            # default

    [tls]
    # cert is not set                            # default
    # key is not set                             # default
    # client_ca is not set                       # default
    client_required = false                      # flag --tls-client-required

    [log]
    level = "error"                              # environment FACET_LOG_LEVEL
    format = "auto"                              # default
    slow_query_ms = 2000                         # facet.toml

    [limits]
    pool_connections = 16                        # default
    transactions_open_max = 64                   # default
    transactions_per_principal_max = 32          # default
    result_rows_max = 1000000                    # default
    vector_memory = 1073741824                   # default
    query_timeout_ms_max = 3600000               # default
    drain_ms = 10000                             # default

    [http.rate_limit]
    enabled = true                               # default

    [http.rate_limit.admin]
    rps = 100                                    # default
    burst = 200                                  # default

    [http.rate_limit.query]
    rps = 7                                      # facet.toml
    burst = 2000                                 # default

    [http.rate_limit.vector_search]
    rps = 500                                    # default
    burst = 1000                                 # default

    [http.rate_limit.cluster]
    rps = 50                                     # default
    burst = 100                                  # default

    [http.rate_limit.default]
    rps = 500                                    # default
    burst = 1000                                 # default

    [changes]
    webhook_allow_private = false                # default

    [synap]
    wire = "documented"                          # default
    allow_flush = false                          # default

    [neumann]
    bind_addr = "off"                            # default
    wire = "documented"                          # default
    max_message_size = 67108864                  # default
    max_upload_size = 536870912                  # default
    enable_grpc_web = true                       # default
    enable_reflection = true                     # default
    blob_chunk_size = 65536                      # default
    stream_channel_capacity = 32                 # default
    api_key_header = "x-api-key"                 # default
    allow_anonymous = false                      # default
    anonymous_role = "read"                      # default
    # cors_origins is not set                    # default

    [bolt]
    tls = "required"                             # default
    # advertised_address is not set              # default
    # writers is not set                         # default
    # readers is not set                         # default

    [snapshots]
    # directory is not set                       # default
    compression = "gzip"                         # default
    # key_file is not set                        # default
    retain_daily = 7                             # default
    retain_weekly = 4                            # default
    retain_monthly = 3                           # default

    [cluster]
    region = "local"                             # default
    node_id = "node-1"                           # default
    cluster_id = "facet"                         # default

    [[credentials]]
    name = "reports"
    role = "read"
    secret = "sha256:********"
    expires = 2030-01-01T00:00:00.000Z

    [[credentials]]
    name = "admin"
    role = "admin"
    secret = "sha256:********"
    "
  `);
});

describe('help', () => {
  test('of the program names every command', async () => {
    const { code, stdout } = await facet(['--help'], { directory });
    expect(code).toBe(0);
    for (const command of ['serve', 'query', 'shell', 'demo', 'doctor', 'credential', 'version']) {
      expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
    }
  });

  test('of serve is grouped, and no line is too wide for a terminal', async () => {
    const { code, stdout } = await serve(['--help']);
    expect(code).toBe(0);
    expect(stdout.match(/^\S.*:$/gm)).toEqual([
      'Store and listeners:',
      'Snapshots:',
      'Access:',
      'TLS:',
      'Log:',
      'Limits:',
      'Rate limits:',
      'Changes:',
      'Synap:',
      'Neumann:',
      'Bolt:',
      'Cluster:',
      'Configuration:',
      'Options:',
    ]);
    expect(stdout).toMatch(/--listen <host:port> +Address of the HTTP listener; port 0 picks a free one\./);
    expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });

  test('of which somebody reads one line', async () => {
    const { stdout, stderr } = await runProgram('sh', [
      '-c',
      `"${process.execPath}" "${MAIN}" serve --help | head -n 1`,
    ]);
    expect([stdout.split('\n').length, stderr]).toEqual([2, '']);
  });

  test('a command that does not exist', async () => {
    const { code, stderr } = await facet(['srve'], { directory });
    expect(stderr).toBe("error: unknown command 'srve'\n(Did you mean serve?)\n");
    expect(code).toBe(1);
  });
});

describe('facet credential', () => {
  test('makes a token whose hash, not itself, is in the table', async () => {
    const { code, stdout, stderr } = await facet(
      ['credential', '--name', 'reports', '--namespace', 'sales'],
      {
        directory,
      },
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^\[\[credentials]]\nname = "reports"\nrole = "read"\nsecret = "sha256:[0-9a-f]{64}"\nnamespace = "sales"\n$/,
    );
    expect(stderr).toMatch(/^token \(shown this once\): facet_[\w-]{43}\n$/);
  });

  test('hashes a password from standard input', async () => {
    const args = ['credential', '--name', 'ada', '--role', 'admin', '--password', '--expires', '2030-01-01'];
    const { code, stdout, stderr } = await facet(args, { directory, input: 'correct horse\n' });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/\nsecret = "scrypt:32768:8:3:[^"]+"\nexpires = 2030-01-01T00:00:00\.000Z\n$/);
    writeFileSync(join(directory, 'made.toml'), stdout);
    expect((await serve(['--config', 'made.toml', '--print-config'])).code).toBe(0);
  });

  test.each([
    [['credential'], '', "required option '--name <name>' not specified"],
    [['credential', '--name', 'a b'], '', 'From 1 to 64 letters'],
    [['credential', '--name', 'a', '--role', 'root'], '', 'Allowed choices are read, write, admin'],
    [['credential', '--name', 'a', '--expires', 'soon'], '', 'A date-time such as'],
    [['credential', '--name', 'a', '--password'], 'short', 'at least 8 characters'],
  ])('%j is refused', async (args, input, text) => {
    const { code, stdout, stderr } = await facet(args, { directory, input });
    expect(stderr).toContain(text);
    expect([code, stdout]).toEqual([1, '']);
  });
});
