/** Certificates for tests, made by the openssl command, which not every machine has. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const openssl = (...args: string[]): unknown => execFileSync('openssl', args, { stdio: 'ignore' });

/** For `describe.skipIf`. Says so when it is not there. */
export function hasOpenssl(): boolean {
  try {
    openssl('version');
    return true;
  } catch {
    console.warn('skipped: the openssl command is not installed');
    return false;
  }
}

export interface CertificateOptions {
  /** Its common name; `localhost` when absent. It is good for localhost and 127.0.0.1 in any case. */
  readonly subject?: string;
  /** Name of a certificate made before that signs this one, which is then no authority; absent: it signs itself. */
  readonly issuer?: string;
  /** 30 when absent. */
  readonly days?: number;
  /** Signed by itself, and no authority all the same. */
  readonly leaf?: boolean;
}

export interface CertificateFolder {
  readonly path: string;
  file(name: string): string;
  read(name: string): Buffer;
  /** Makes `name.crt` and `name.key`. */
  make(name: string, options?: CertificateOptions): void;
  remove(): void;
}

export function certificateFolder(): CertificateFolder {
  const path = mkdtempSync(join(tmpdir(), 'facet-certificates-'));
  const file = (name: string): string => join(path, name);
  return {
    path,
    file,
    read: (name) => readFileSync(file(name)),
    make(name, { subject = 'localhost', issuer, days = 30, leaf = issuer !== undefined } = {}) {
      const signed =
        issuer === undefined ? [] : ['-CA', file(`${issuer}.crt`), '-CAkey', file(`${issuer}.key`)];
      openssl(
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
        ...['-days', String(days), '-subj', `/CN=${subject}`, ...signed],
        ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
        ...['-addext', `basicConstraints=critical,CA:${leaf ? 'FALSE' : 'TRUE'}`],
        ...['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)],
      );
    },
    remove: () => rmSync(path, { recursive: true }),
  };
}
