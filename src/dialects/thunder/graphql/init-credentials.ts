/** Who a client says it is in the payload of `connection_init`: browsers cannot set headers on a WebSocket. */
import type { Credentials } from '../../../dispatch/index.ts';
import { ofAuthorization } from '../../http/index.ts';

/**
 * Of `authorization` (in either case), as the header of that name; of `token`, a bearer token. Undefined when the payload
 * has neither.
 */
export function initCredentials(payload: Readonly<Record<string, unknown>> = {}): Credentials | undefined {
  const header = payload.authorization ?? payload.Authorization;
  if (typeof header === 'string') return ofAuthorization(header);
  const { token } = payload;
  return typeof token === 'string' && token !== '' ? { scheme: 'bearer', secret: token } : undefined;
}
