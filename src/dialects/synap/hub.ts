/**
 * `GET /hub/quota`: the plan of the caller and what is used of it, in the words of the Synap API reference, section
 * HiveHub.Cloud Integration. It is there whether plans come from a hub or from the configuration.
 */
import type { FacetError } from '../../base/index.ts';
import { hubQuota, type QuotaResult } from '../../models/index.ts';
import { type HttpRoute, JSON_TYPE } from '../http/index.ts';
import { messageOf, statusOfCode, wordOf } from './errors.ts';

export const isHubPath = (path: string): boolean => path === '/hub/quota' || path.startsWith('/hub/quota?');

export const HUB_ROUTES: readonly HttpRoute[] = [
  {
    method: 'GET',
    path: '/hub/quota',
    operation: hubQuota,
    ignoresBody: true,
    answer: async (_request, session, dispatch) => ({
      status: 200,
      contentType: JSON_TYPE,
      body: JSON.stringify(quotaBody(await dispatch.call(hubQuota, {}, session))),
    }),
  },
];

function quotaBody({ userId, plan, quotas, restrictions }: QuotaResult): unknown {
  const { resetsAt, ...operations } = quotas.operations;
  return {
    user_id: userId,
    plan,
    quotas: {
      storage: quotas.storage,
      operations: { ...operations, resets_at: resetsAt },
      connections: quotas.connections,
    },
    restrictions: {
      max_ttl_seconds: restrictions.maxTtlSeconds,
      max_payload_bytes: restrictions.maxPayloadBytes,
      max_batch_size: restrictions.maxBatchSize,
    },
  };
}

const ERROR_OF_STATUS: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  429: 'TooManyRequests',
  500: 'InternalServerError',
  503: 'ServiceUnavailable',
};

/** JSON text of a refusal on these routes, which is not the envelope of commands. */
export function hubErrorText(error: FacetError): string {
  const status = statusOfCode(error.code);
  const body = (message: string, code: string) =>
    JSON.stringify({ error: ERROR_OF_STATUS[status] ?? 'BadRequest', message, code });
  if (error.code === 'UNAUTHORIZED') return body('Invalid or missing access key', 'INVALID_ACCESS_KEY');
  if (error.code === 'HUB_UNAVAILABLE') {
    return body(`Failed to fetch quota from Hub API: ${error.detail ?? 'unknown'}`, 'HUB_API_ERROR');
  }
  return body(messageOf(error), wordOf(error.code));
}
