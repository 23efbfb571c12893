/** PEM files: the good pair is loaded, and each bad one is named with what is wrong. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadTls } from './tls.ts';

const openssl = (...args: string[]): unknown => execFileSync('openssl', args, { stdio: 'ignore' });

function hasOpenssl(): boolean {
  try {
    openssl('version');
    return true;
  } catch {
    console.warn('skipped: the openssl command is not installed');
    return false;
  }
}

// Certificates are made by the openssl command, which not every machine has.
describe.skipIf(!hasOpenssl())('loadTls', () => {
  let folder: string;
  const file = (name: string): string => join(folder, name);
  const off = { tlsCert: null, tlsKey: null, tlsClientCa: null, tlsClientRequired: true };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'facet-tls-'));
    const certificate = (name: string, days: string, ...more: string[]) =>
      openssl(
        ...[
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:prime256v1',
          '-nodes',
          '-days',
          days,
        ],
        ...['-subj', '/CN=localhost', '-keyout', file(`${name}.key`), '-out', file(`${name}.crt`), ...more],
      );
    certificate('good', '365');
    certificate('short', '3');
    certificate('leaf', '365', '-addext', 'basicConstraints=critical,CA:FALSE');
    openssl('ec', '-in', file('good.key'), '-aes256', '-passout', 'pass:geheim', '-out', file('locked.key'));
    writeFileSync(file('not.pem'), 'hello');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('off without files', () => {
    expect(loadTls(off)).toBeUndefined();
  });

  test('a good pair, with and without clients', () => {
    const pair = { ...off, tlsCert: file('good.crt'), tlsKey: file('good.key') };
    expect(loadTls(pair)).toMatchObject({ warnings: [] });
    expect(loadTls(pair)?.options.requestCert).toBeUndefined();
    const mutual = loadTls({ ...pair, tlsClientCa: file('good.crt') });
    expect(mutual?.options).toMatchObject({ requestCert: true, rejectUnauthorized: true });
  });

  test('one that ends soon is a warning', () => {
    const tls = loadTls({ ...off, tlsCert: file('short.crt'), tlsKey: file('short.key') });
    expect(tls?.warnings[0]).toMatch(/short\.crt expires in [23] days$/);
  });

  test.each([
    ['missing.crt', 'good.key', null, 'tls-cert: FOLDER/missing.crt does not exist'],
    ['not.pem', 'good.key', null, 'tls-cert: FOLDER/not.pem is not a certificate in PEM form'],
    ['good.crt', 'missing.key', null, 'tls-key: FOLDER/missing.key does not exist'],
    ['good.crt', 'not.pem', null, 'tls-key: FOLDER/not.pem is not a private key in PEM form'],
    ['good.crt', 'locked.key', null, 'tls-key: FOLDER/locked.key is encrypted'],
    [
      'good.crt',
      'short.key',
      null,
      'tls-key: FOLDER/short.key is not the key of the certificate in tls-cert',
    ],
    ['good.crt', 'good.key', 'missing.crt', 'tls-client-ca: FOLDER/missing.crt does not exist'],
    [
      'good.crt',
      'good.key',
      'leaf.crt',
      'tls-client-ca: FOLDER/leaf.crt is not the certificate of an authority',
    ],
  ])('%s %s %s', (cert, key, ca, message) => {
    const files = {
      ...off,
      tlsCert: file(cert),
      tlsKey: file(key),
      tlsClientCa: ca === null ? null : file(ca),
    };
    expect(() => loadTls(files)).toThrow(message.replace('FOLDER', folder));
  });
});
