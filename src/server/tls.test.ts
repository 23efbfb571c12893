/** PEM files: the good pair is loaded, and each bad one is named with what is wrong. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type CertificateFolder,
  certificateFolder,
  hasOpenssl,
  openssl,
} from '../../test/support/certificates.ts';
import { loadTls } from './tls.ts';

// Certificates are made by the openssl command.
describe.skipIf(!hasOpenssl())('loadTls', () => {
  let certificates: CertificateFolder;
  const file = (name: string): string => certificates.file(name);
  const off = { tlsCert: null, tlsKey: null, tlsClientCa: null, tlsClientRequired: true };

  beforeAll(() => {
    certificates = certificateFolder();
    certificates.make('good', { days: 365 });
    certificates.make('short', { days: 3 });
    certificates.make('leaf', { days: 365, leaf: true });
    openssl('ec', '-in', file('good.key'), '-aes256', '-passout', 'pass:geheim', '-out', file('locked.key'));
    writeFileSync(file('not.pem'), 'hello');
  });
  afterAll(() => certificates.remove());

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
    expect(() => loadTls(files)).toThrow(message.replace('FOLDER', certificates.path));
  });
});
