/** Store URIs: where the data is. `memory://name`, `file:///directory?ns=name`, `postgres://…`. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FacetError } from '../base/index.ts';
import { parsePostgresUri } from './postgres-uri.ts';
import { checkNamespace, DEFAULT_NAMESPACE, type StoreUri } from './store-location.ts';

/**
 * The parts of a store URI. `masked` is the URI as it may be shown: without password.
 * @throws STORE_UNSUPPORTED for a scheme that this version does not offer, STORE_INVALID, NAMESPACE_INVALID.
 */
export function parseStoreUri(uri: string): StoreUri {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'memory':
      return parseMemory(uri);
    case 'file':
      return parseFile(uri);
    case 'postgres':
    case 'postgresql':
      return parsePostgresUri(uri);
    case 's3':
      throw new FacetError('STORE_UNSUPPORTED', 's3:// stores are not offered by this version', {
        hint: 'Use file:///directory, memory://name or postgres://user@host/database.',
      });
    case undefined:
      throw new FacetError('STORE_INVALID', 'The store is not a URI', {
        hint: 'Write file:///directory, memory://name or postgres://user@host/database.',
      });
    default:
      throw new FacetError('STORE_UNSUPPORTED', `The store scheme ${scheme}:// is not known`, {
        hint: 'Use file:///directory, memory://name or postgres://user@host/database.',
      });
  }
}

function parseMemory(uri: string): StoreUri {
  const match = /^memory:\/\/([A-Za-z0-9._-]*)\/?(\?.*)?$/i.exec(uri);
  if (match === null) {
    throw new FacetError('STORE_INVALID', 'A memory store is written memory://name, with a plain name');
  }
  return {
    kind: 'memory',
    name: match[1] ?? '',
    namespace: namespaceOf(match[2] ?? ''),
    masked: uri,
  };
}

function parseFile(uri: string): StoreUri {
  const [, path = '', query = ''] = /^file:([^?]*)(\?.*)?$/i.exec(uri) ?? [];
  if (path.includes('#')) {
    throw new FacetError('STORE_INVALID', 'A # in the path of a file store is written %23');
  }
  let directory: string;
  try {
    if (path.startsWith('//')) directory = fileURLToPath(new URL(`file:${path}`));
    else directory = resolve(decodeURIComponent(path));
  } catch (error) {
    throw new FacetError(
      'STORE_INVALID',
      `The path of the file store is not usable: ${(error as Error).message}`,
      {
        hint: 'An absolute directory has three slashes: file:///var/lib/facet',
      },
    );
  }
  if (path === '' || path === '//' || path === '///' || directory === '/') {
    throw new FacetError('STORE_INVALID', 'The file store names no directory');
  }
  return { kind: 'file', directory, namespace: namespaceOf(query), masked: uri };
}

/** The `ns` of a query string that may hold nothing else. */
function namespaceOf(query: string): string {
  const parameters = new URLSearchParams(query);
  for (const name of parameters.keys()) {
    if (name !== 'ns') throw new FacetError('STORE_INVALID', `The store URI has an unknown part: ${name}`);
  }
  const [namespace, ...more] = parameters.getAll('ns');
  if (more.length > 0) throw new FacetError('STORE_INVALID', 'The store URI names more than one namespace');
  return namespace === undefined ? DEFAULT_NAMESPACE : checkNamespace(namespace);
}
