/** Options from flags, environment and file: which one wins, what is refused, and with which words. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FacetError } from '../base/index.ts';
import { type Config, type ConfigSources, readConfig } from './config.ts';
import { checkConfig } from './config-checks.ts';
import { configReference, printConfig } from './config-reference.ts';
import { environmentName, OPTION_GROUPS, OPTION_ROWS } from './options.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'facet-config-'));
});
afterAll(() => rmSync(directory, { recursive: true }));
beforeEach(() => rmSync(join(directory, 'facet.toml'), { force: true }));

const HASH = `sha256:${'ab'.repeat(32)}`;

function read(sources: Partial<ConfigSources>, toml?: string): Config {
  if (toml !== undefined) writeFileSync(join(directory, 'facet.toml'), toml);
  return readConfig({ flags: {}, environment: {}, directory, ...sources });
}

function failure(work: () => unknown): FacetError {
  try {
    work();
  } catch (error) {
    if (error instanceof FacetError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('precedence', () => {
  const toml = 'listen = "127.0.0.1:1"\n[log]\nlevel = "error"\nslow_query_ms = "2s"\n';

  test('defaults', () => {
    const config = read({});
    expect(config.listen).toBe('127.0.0.1:8088');
    expect(config.store).toBe(`file://${directory}/facet-data`);
    expect(config.authToken).toBeNull();
    expect(config.credentials).toEqual([]);
    expect(config.origins.get('listen')).toBe('default');
  });

  test('flag over environment over file over default', () => {
    // The last three are what Kubernetes adds for a service of this name.
    const environment = {
      FACET_LISTEN: '127.0.0.1:2',
      FACET_LOG_LEVEL: 'warn',
      FACET_PORT: 'tcp://10.0.0.1:8088',
      FACET_SERVICE_HOST: '10.0.0.1',
      FACET_PORT_8088_TCP_PROTO: 'tcp',
    };
    const config = read({ flags: { listen: '127.0.0.1:3' }, environment }, toml);
    expect([config.listen, config.logLevel, config.slowQueryMs, config.logFormat]).toEqual([
      '127.0.0.1:3',
      'warn',
      2_000,
      'auto',
    ]);
    expect(
      ['listen', 'log-level', 'slow-query-ms', 'log-format'].map((key) => config.origins.get(key as never)),
    ).toEqual(['flag --listen', 'environment FACET_LOG_LEVEL', 'facet.toml', 'default']);
  });

  test('a file that is named must exist, and its paths start at its folder', () => {
    writeFileSync(join(directory, 'other.toml'), '[tls]\ncert = "a.crt"\n');
    const config = read({
      flags: { config: join(directory, 'other.toml'), 'tls-key': 'b.key' },
      directory: '/',
    });
    expect(config.tlsCert).toBe(join(directory, 'a.crt'));
    expect(config.tlsKey).toBe('/b.key');
    expect(failure(() => read({ flags: { config: 'missing.toml' } })).message).toContain(
      'cannot be read (ENOENT)',
    );
  });
});

describe('refused', () => {
  test.each([
    [{ flags: { lisen: 'x' } }, undefined, 'Unknown option --lisen', 'Did you mean --listen?'],
    [
      { environment: { FACET_LISTNE: 'x' } },
      undefined,
      'Unknown environment variable FACET_LISTNE',
      'Did you mean FACET_LISTEN?',
    ],
    [
      { environment: { FACET_PRINT_CONFIG: 'true' } },
      undefined,
      'Unknown environment variable FACET_PRINT_CONFIG',
      '',
    ],
    [{}, 'listne = "x"', "Unknown key 'listne' in facet.toml", 'Did you mean listen?'],
    [{}, '[log]\nlevle = "x"', "Unknown key 'log.levle' in facet.toml", 'Did you mean log.level?'],
    [{}, 'tls_cert = "x"', "Unknown key 'tls_cert' in facet.toml", 'Did you mean tls.cert?'],
    [{}, 'slow_query_ms = 5', "Unknown key 'slow_query_ms' in facet.toml", 'Did you mean log.slow_query_ms?'],
    [
      {},
      '[http.rate_limit.query]\nrsp = 5',
      "Unknown key 'http.rate_limit.query.rsp'",
      'http.rate_limit.query.rps',
    ],
    [{}, 'listen = 8088', 'listen in facet.toml is 8088, and must be text', ''],
    [{}, 'listen = "a\n', 'facet.toml, line 1, column', ''],
    [{}, '[[log]]\nlevel = "info"', "Unknown key 'log' in facet.toml", ''],
    [{ environment: { FACET_AUTH_TOKEN: '' } }, undefined, 'FACET_AUTH_TOKEN is empty', ''],
  ] as const)('%#: %j %s', (sources, toml, message, hint) => {
    const error = failure(() => read(sources, toml));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain(message);
    expect(error.hint ?? '').toContain(hint);
  });

  test.each([
    ['credentials = 3', 'must be tables'],
    ['[[credentials]]\nname = "a b"\nrole = "read"', 'needs a name'],
    ['[[credentials]]\nname = "a"\nrole = "root"', 'needs a role: read, write, admin'],
    ['[[credentials]]\nname = "a"\nrole = "read"', 'needs a secret or an mtls_subject'],
    ['[[credentials]]\nname = "a"\nrole = "read"\nsecret = "hunter2"', 'is not a hash of a secret'],
    [
      `[[credentials]]\nname = "a"\nrole = "read"\nsecret = "${HASH}"\nnamespace = "A-1"`,
      'namespace that cannot exist',
    ],
    [`[[credentials]]\nname = "a"\nrole = "read"\nsecret = "${HASH}"\nexpires = "soon"`, 'needs expires'],
    [`[[credentials]]\nname = "a"\nrole = "read"\nsecret = "${HASH}"\nrolle = "x"`, "unknown field 'rolle'"],
    [
      `[[credentials]]\nname = "a"\nrole = "read"\nsecret = "${HASH}"\n[[credentials]]\nname = "a"\nrole = "admin"\nsecret = "${HASH}"`,
      'appears twice in facet.toml with different rights',
    ],
  ])('credentials %#', (toml, message) => {
    const error = failure(() => read({}, toml));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain(message);
    expect(error.message).not.toContain('hunter2');
  });
});

test('credentials of the file, and the one of auth-token', () => {
  const toml = `[[credentials]]
name = "reports"
role = "read"
secret = "${HASH}"
namespace = "sales"
expires = 2030-01-01T00:00:00Z`;
  const config = read({ flags: { 'auth-token': 'a-long-enough-token' } }, toml);
  expect(config.credentials.map((credential) => credential.principal)).toEqual([
    { name: 'reports', role: 'read', namespace: 'sales' },
    { name: 'admin', role: 'admin' },
  ]);
  expect(config.credentials[0]?.expiresAtMs).toBe(Date.UTC(2030, 0, 1));
});

describe('contradictions', () => {
  const token = { 'auth-token': 'a-long-enough-token' };
  test.each([
    [{ 'tls-cert': 'a' }, 'tls-cert is set, but tls-key is not'],
    [{ 'tls-key': 'a' }, 'tls-key is set, but tls-cert is not'],
    [{ 'tls-client-ca': 'a' }, 'tls-client-ca is set, but TLS is off'],
    [{ 'tls-cert': 'a', 'tls-key': 'b', 'tls-client-ca': 'c' }, 'no credential has an mtls_subject'],
    [
      { 'tls-cert': 'a', 'tls-key': 'b', 'tls-client-ca': 'c', 'tls-client-required': 'false', ...token },
      'no credential has an mtls_subject',
    ],
    [{ listen: '0.0.0.0:8088' }, 'Refusing to listen on 0.0.0.0:8088 without credentials'],
    [{ listen: ':8088' }, 'Refusing to listen on :8088 without credentials'],
    [{ listen: '[::]:8088' }, 'Refusing to listen on [::]:8088 without credentials'],
  ])('%j', (flags, message) => {
    const error = failure(() => checkConfig(read({ flags })));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain(message);
    expect(error.hint).toBeTruthy();
  });

  test('a subject needs an authority', () => {
    const toml = '[[credentials]]\nname = "a"\nrole = "read"\nmtls_subject = "a.example"';
    expect(failure(() => checkConfig(read({}, toml))).message).toContain('tls-client-ca is not set');
  });

  test.each([
    [{}, []],
    [{ listen: 'localhost:1' }, []],
    [{ listen: '0.0.0.0:1', insecure: 'true' }, ['Everyone who reaches 0.0.0.0:1 is admin']],
    [{ listen: '0.0.0.0:1', ...token }, ['Credentials travel in clear text']],
    [{ 'auth-token': 'short' }, ['auth-token is shorter than 16 characters']],
    [{ 'flush-interval': '1s' }, []],
    [{ 'bolt-listen': '127.0.0.1:1' }, []],
    [{ 'bolt-tls': 'optional' }, ['changes nothing while TLS is off']],
  ])('warnings of %j', (flags, expected) => {
    const warnings = checkConfig(read({ flags }));
    expect(warnings).toHaveLength(expected.length);
    for (const [index, text] of expected.entries()) expect(warnings[index]).toContain(text);
  });
});

describe('printing', () => {
  test('shows values and origins, masks secrets, and can be read back', () => {
    const flags = { 'auth-token': 'a-long-enough-token', store: 'postgres://me:geheim@db/x?password=auch' };
    const printed = printConfig(read({ flags, environment: { FACET_LISTEN: '127.0.0.1:5' } }));
    expect(printed).toMatch(/^listen = "127\.0\.0\.1:5" +# environment FACET_LISTEN$/m);
    expect(printed).toMatch(/^auth_token = "\*{8}" +# flag --auth-token$/m);
    expect(printed).toMatch(/^# flush_interval is not set +# default$/m);
    expect(printed).not.toMatch(/geheim|auch|long-enough/);

    const defaults = printConfig(read({}));
    const again = printConfig(read({}, defaults));
    expect(again).toContain('# facet.toml');
    const comparable = again
      .replaceAll(/# facet\.toml$/gm, '# default')
      .replace(/^# config file .*/, '# no config file');
    expect(comparable).toBe(defaults);
    expect(checkConfig(read({}))).toEqual([]);
  });

  test('the reference has every option once, with its names', () => {
    const page = configReference();
    for (const [key, row] of OPTION_ROWS) {
      expect(page.split(`\n### ${key}\n`)).toHaveLength(2);
      expect(page).toContain(`\`--${key}\``);
      if (key !== 'print-config') expect(page).toContain(`\`${environmentName(key)}\``);
      expect(OPTION_GROUPS).toContain(row.group);
      expect(row.sentence).toMatch(/^[A-Z].*\.$/);
    }
  });
});
