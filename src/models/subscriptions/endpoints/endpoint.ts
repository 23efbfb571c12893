/** The URL of a webhook: read, checked, and resolved to addresses that may be connected to. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { FacetError, LIMITS } from '../../../base/index.ts';
import type { WebhookRules } from '../../operation.ts';
import { isPublicAddress } from './addresses.ts';

const PUBLIC_ONLY: WebhookRules = { allowPrivate: false };

const invalid = (message: string, detail?: string): FacetError =>
  new FacetError('INVALID_ENDPOINT', `The endpoint cannot be delivered to: ${message}`, { detail });

/** @throws INVALID_ENDPOINT for what is no http or https URL of a receiver */
export function endpointUrl(endpoint: string): URL {
  if (endpoint.length > LIMITS.webhookUrlCharactersMax) {
    throw invalid(`it has more than ${LIMITS.webhookUrlCharactersMax} characters (webhookUrlCharactersMax)`);
  }
  let url: URL;
  try {
    url = new URL(endpoint);
  } catch {
    throw invalid('it is no URL');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw invalid(`it begins with ${url.protocol.slice(0, 20)}, not http: or https:`);
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid('it has a user name or password', 'Receivers check the signature of a delivery.');
  }
  if (url.port === '0') throw invalid('its port is 0');
  return url;
}

/**
 * Refuses what is known not to be reachable for us. A name that does not resolve now may do so later, and is looked at
 * again with every connection.
 * @throws INVALID_ENDPOINT
 */
export async function checkEndpoint(endpoint: string, rules: WebhookRules = PUBLIC_ONLY): Promise<void> {
  const url = endpointUrl(endpoint);
  if (rules.allowPrivate) return;
  let addresses: readonly string[];
  try {
    addresses = await withinTime(resolved(hostOf(url), rules));
  } catch {
    return;
  }
  assertAllowed(addresses, rules);
}

/** The addresses of `host`, all of which may be connected to. @throws INVALID_ENDPOINT, and the resolver's errors */
export async function allowedAddresses(host: string, rules: WebhookRules): Promise<readonly string[]> {
  const addresses = await resolved(host, rules);
  assertAllowed(addresses, rules);
  return addresses;
}

/** Without the brackets of an IPv6 address. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, '$1');

/** One address that is not public is enough: who answers with both wants us to take the other one. */
function assertAllowed(addresses: readonly string[], { allowPrivate }: WebhookRules): void {
  if (allowPrivate || addresses.every(isPublicAddress)) return;
  throw invalid(
    'it leads to an address that is not public',
    'An operator can allow private addresses by the option webhook-allow-private.',
  );
}

async function resolved(host: string, rules: WebhookRules): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  if (rules.resolve !== undefined) return rules.resolve(host);
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

async function withinTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new FacetError('QUERY_TIMEOUT', 'No answer')),
      LIMITS.webhookResolveMsMax,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
