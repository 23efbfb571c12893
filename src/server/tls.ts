/** TLS from PEM files: read, checked against each other, and explained when they do not fit. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { FacetError, nowMs, timestamp } from '../base/index.ts';

export interface TlsFiles {
  readonly tlsCert: string | null;
  readonly tlsKey: string | null;
  readonly tlsClientCa: string | null;
  readonly tlsClientRequired: boolean;
}

/** Options of `https.createServer`, and what the operator should know about the certificate. */
export interface TlsSettings {
  readonly options: {
    readonly cert: Buffer;
    readonly key: Buffer;
    readonly minVersion: 'TLSv1.2';
    readonly ca?: Buffer;
    readonly requestCert?: boolean;
    readonly rejectUnauthorized?: boolean;
  };
  readonly warnings: readonly string[];
}

/** Milliseconds. */
const DAY_MS = 86_400_000;
/** Long enough before the end to renew in office hours. */
const EXPIRY_WARNING_DAYS = 14;

/** @returns undefined when TLS is off. @throws CONFIG_INVALID naming the file and what is wrong with it */
export function loadTls(files: TlsFiles): TlsSettings | undefined {
  if (files.tlsCert === null || files.tlsKey === null) return undefined;
  const cert = readPem(files.tlsCert, 'tls-cert');
  const key = readPem(files.tlsKey, 'tls-key');
  const leaf = parseCertificate(cert, files.tlsCert, 'tls-cert');
  checkKey(key, leaf, files.tlsKey);
  const warnings = expiryWarnings(leaf, files.tlsCert);
  if (files.tlsClientCa === null) return { options: { cert, key, minVersion: 'TLSv1.2' }, warnings };

  const ca = readPem(files.tlsClientCa, 'tls-client-ca');
  const authority = parseCertificate(ca, files.tlsClientCa, 'tls-client-ca');
  if (!authority.ca)
    throw invalid('tls-client-ca', files.tlsClientCa, 'is not the certificate of an authority');
  warnings.push(...expiryWarnings(authority, files.tlsClientCa));
  const options = {
    cert,
    key,
    minVersion: 'TLSv1.2',
    ca,
    requestCert: true,
    rejectUnauthorized: files.tlsClientRequired,
  } as const;
  createSecureContext(options);
  return { options, warnings };
}

function readPem(path: string, option: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw invalid(option, path, reason === 'ENOENT' ? 'does not exist' : `cannot be read (${reason})`);
  }
}

function parseCertificate(pem: Buffer, path: string, option: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw invalid(option, path, 'is not a certificate in PEM form');
  }
}

function checkKey(pem: Buffer, leaf: X509Certificate, path: string): void {
  let key: ReturnType<typeof createPrivateKey>;
  try {
    key = createPrivateKey(pem);
  } catch {
    const locked = pem.includes('ENCRYPTED');
    throw invalid(
      'tls-key',
      path,
      locked ? 'is encrypted; store it without a passphrase' : 'is not a private key in PEM form',
    );
  }
  if (!leaf.checkPrivateKey(key))
    throw invalid('tls-key', path, 'is not the key of the certificate in tls-cert');
}

function expiryWarnings(certificate: X509Certificate, path: string): string[] {
  const endsAtMs = Date.parse(certificate.validTo);
  const startsAtMs = Date.parse(certificate.validFrom);
  const now = nowMs();
  if (endsAtMs < now) return [`The certificate in ${path} expired at ${timestamp(endsAtMs)}`];
  if (startsAtMs > now) return [`The certificate in ${path} is valid from ${timestamp(startsAtMs)} only`];
  const days = Math.floor((endsAtMs - now) / DAY_MS);
  return days < EXPIRY_WARNING_DAYS ? [`The certificate in ${path} expires in ${days} days`] : [];
}

function invalid(option: string, path: string, complaint: string): FacetError {
  return new FacetError('CONFIG_INVALID', `${option}: ${path} ${complaint}`);
}
