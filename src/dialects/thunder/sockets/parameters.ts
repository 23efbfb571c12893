/** Parameters in the URL of a socket: those that say who asks, and the socket's own. */
import { FacetError } from '../../../base/index.ts';

const OF_ALL = ['token', 'api_key'];

/** @throws INVALID_PARAMETER naming one that the socket does not have, or has twice */
export function assertParameters(query: URLSearchParams, own: readonly string[] = []): void {
  for (const name of query.keys()) {
    if (!OF_ALL.includes(name) && !own.includes(name)) {
      throw new FacetError('INVALID_PARAMETER', `Unknown query parameter: '${name.slice(0, 100)}'`);
    }
    if (query.getAll(name).length > 1) {
      throw new FacetError('INVALID_PARAMETER', `'${name}' is given more than once`);
    }
  }
}
