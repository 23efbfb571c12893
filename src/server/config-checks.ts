/**
 * Options that contradict each other, and mixes that are unsafe: refused here, all in one function, before anything
 * starts. What is merely doubtful comes back as a warning.
 */
import { FacetError } from '../base/index.ts';
import { boltRoutes } from './bolt-routes.ts';
import type { Config } from './config.ts';
import { isLoopback, OFF, parseAddress } from './option-values.ts';

/** A secret that was chosen and not generated is likely shorter. */
const TOKEN_LETTERS_MIN = 16;

/**
 * @returns Warnings for the log.
 * @throws CONFIG_INVALID saying which options disagree and what to do
 */
export function checkConfig(config: Config): string[] {
  const { credentials } = config;
  const exposed = exposedAddress(config);
  const beyondMachine = exposed !== undefined;
  const withTls = config.tlsCert !== null;
  const warnings: string[] = [];
  const open = credentials.length === 0 && config.hubUrl === null;

  if (withTls !== (config.tlsKey !== null)) {
    const [given, missing] = withTls ? ['tls-cert', 'tls-key'] : ['tls-key', 'tls-cert'];
    throw contradiction(`${given} is set, but ${missing} is not`, 'TLS needs both files.');
  }
  if (config.tlsClientCa !== null && !withTls) {
    throw contradiction(
      'tls-client-ca is set, but TLS is off',
      'Client certificates come with TLS: set tls-cert and tls-key.',
    );
  }
  const bySubject = credentials.find((credential) => credential.mtlsSubject !== undefined);
  // Beside another credential a certificate that everyone has to show is a second condition, whoever it names.
  const isCondition = config.tlsClientRequired && !open;
  if (config.tlsClientCa !== null && !bySubject && !isCondition) {
    throw contradiction(
      'tls-client-ca is set, but no credential has an mtls_subject',
      'Add [[credentials]] with name, role and mtls_subject, the common name of the certificate.',
    );
  }
  if (bySubject && config.tlsClientCa === null) {
    throw contradiction(
      `The credential ${bySubject.principal.name} has an mtls_subject, but tls-client-ca is not set`,
      'Name the authority that signs client certificates.',
    );
  }
  if (beyondMachine && open && !config.insecure) {
    throw contradiction(
      `Refusing to listen on ${exposed} without credentials: everyone who reaches it would be admin`,
      'Set auth-token or [[credentials]], listen on 127.0.0.1, or say --insecure if that is what you want.',
    );
  }

  warnings.push(...checkHub(config), ...checkNeumann(config, open), ...checkBolt(config));
  if (beyondMachine && open) {
    warnings.push(`Everyone who reaches ${exposed} is admin (insecure)`);
  }
  if (beyondMachine && !open && !withTls) {
    warnings.push(
      `Credentials travel in clear text to ${exposed}: set tls-cert and tls-key, or use a TLS proxy`,
    );
  }
  if (config.authToken !== null && config.authToken.length < TOKEN_LETTERS_MIN) {
    warnings.push(`auth-token is shorter than ${TOKEN_LETTERS_MIN} characters and can be guessed`);
  }
  return warnings;
}

/** The first address that others than this machine reach. */
function exposedAddress({ listen, grpcListen, boltListen, neumannBindAddr }: Config): string | undefined {
  const isExposed = (address: string, place: string): boolean =>
    address !== OFF && !isLoopback(parseAddress(address, place).host);
  if (isExposed(listen, 'listen')) return listen;
  if (isExposed(grpcListen, 'grpc-listen')) return grpcListen;
  if (isExposed(boltListen, 'bolt-listen')) return boltListen;
  return isExposed(neumannBindAddr, 'neumann-bind-addr') ? neumannBindAddr : undefined;
}

/** @returns warnings */
function checkHub({ hubUrl, hubToken }: Config): string[] {
  if (hubUrl === null) {
    if (hubToken === null) return [];
    throw contradiction('hub-token is set, but hub-url is not', 'Name the hub that the token is for.');
  }
  const url = URL.canParse(hubUrl) ? new URL(hubUrl) : undefined;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url === undefined || !isWeb || url.username !== '' || url.search !== '' || url.hash !== '') {
    throw contradiction(
      'hub-url is not the address of a hub',
      'Write http:// or https://, a host and perhaps a path; secrets go into hub-token.',
    );
  }
  const isNear = isLoopback(url.hostname.replace(/^\[|\]$/g, ''));
  return url.protocol === 'http:' && !isNear
    ? ['Access keys travel in clear text to hub-url: use https']
    : [];
}

/** A name of a header as HTTP/2 has it (RFC 9113, section 8.2.1); gRPC keeps those that end in -bin for bytes. */
const HEADER_NAME = /^[a-z0-9_.-]{1,64}$/;

/** @returns warnings */
function checkNeumann(config: Config, open: boolean): string[] {
  const { neumannApiKeyHeader: header, neumannAllowAnonymous, neumannMaxMessageSize } = config;
  if (!HEADER_NAME.test(header) || header.endsWith('-bin') || header.startsWith('grpc-')) {
    throw contradiction(
      `neumann-api-key-header cannot be '${header.slice(0, 80)}'`,
      'Write the name of a header in lower case: letters, digits and - _ . that does not begin with grpc- or end with -bin.',
    );
  }
  if (config.neumannBlobChunkSize >= neumannMaxMessageSize) {
    throw contradiction(
      'neumann-blob-chunk-size is not below neumann-max-message-size',
      'A chunk is sent in one message.',
    );
  }
  for (const origin of corsOrigins(config)) {
    if (origin === '*' || (URL.canParse(origin) && new URL(origin).origin === origin)) continue;
    throw contradiction(
      `neumann-cors-origins has '${origin.slice(0, 80)}', which is no site`,
      'Write scheme, host and perhaps a port, such as https://app.example.com, or *.',
    );
  }
  return neumannAllowAnonymous && open
    ? ['neumann-allow-anonymous changes nothing while there are no credentials']
    : [];
}

/** @returns warnings */
function checkBolt(config: Config): string[] {
  boltRoutes(config);
  if (config.boltTls !== 'optional') return [];
  if (config.tlsCert === null) return ['bolt-tls changes nothing while TLS is off'];
  return isLoopback(
    parseAddress(config.boltListen === OFF ? '127.0.0.1:0' : config.boltListen, 'bolt-listen').host,
  )
    ? []
    : ['Clients of Bolt may send credentials in clear text (bolt-tls is optional)'];
}

/** The sites of `neumann-cors-origins`. */
export const corsOrigins = ({ neumannCorsOrigins }: Pick<Config, 'neumannCorsOrigins'>): readonly string[] =>
  (neumannCorsOrigins ?? '')
    .split(',')
    .map((origin) => origin.trim().toLowerCase())
    .filter((origin) => origin !== '');

function contradiction(message: string, hint: string): FacetError {
  return new FacetError('CONFIG_INVALID', message, { hint });
}
