/** Who calls: by a key in the configured header, else as over HTTP, else nobody, where nobody may. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { Claim } from '../grpc/index.ts';
import { credentialsOf } from '../http/index.ts';
import type { NeumannSettings } from './settings.ts';

const USUAL_HEADER = 'x-api-key';

/** A key that is there counts alone: one that is wrong is refused, also where callers may come without one. */
export function claimBy({
  apiKeyHeader,
  anonymous,
  subjects,
}: Pick<NeumannSettings, 'apiKeyHeader' | 'anonymous' | 'subjects'>): (
  headers: IncomingHttpHeaders,
  socket: Socket,
) => Claim {
  return (headers, socket) => {
    const key = headers[apiKeyHeader];
    if (typeof key === 'string') return { credentials: { scheme: 'api-key', secret: key } };
    const { [USUAL_HEADER]: _elsewhere, ...others } = headers;
    const credentials = credentialsOf(others, socket);
    const isNobody =
      credentials.scheme === 'none' || (credentials.scheme === 'mtls' && !subjects.has(credentials.subject));
    return isNobody && anonymous !== undefined ? { credentials, principal: anonymous } : { credentials };
  };
}
