/**
 * Cross-origin requests of pages (the Fetch standard, CORS protocol): which sites may call, and with which headers.
 * Cookies are none of it: callers say who they are by a header that the page sets.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface CorsRules {
  /** `https://app.example.com`, in lower case and without a slash at the end; `*` is every site. */
  readonly origins: readonly string[];
  /** Headers that pages may send beyond those of the protocols: where a key stands. */
  readonly headers: readonly string[];
}

/** What gRPC-Web, Connect and Facet read of a request. */
const REQUEST_HEADERS = [
  ...['content-type', 'x-grpc-web', 'x-user-agent', 'grpc-timeout', 'grpc-encoding', 'grpc-accept-encoding'],
  ...[
    'connect-protocol-version',
    'connect-timeout-ms',
    'connect-content-encoding',
    'connect-accept-encoding',
  ],
  ...['authorization', 'x-request-id', 'x-facet-namespace', 'x-facet-txn-id'],
];
/** What a page may read of an answer. */
const ANSWER_HEADERS = [
  ...['grpc-status', 'grpc-message', 'grpc-status-details-bin', 'grpc-encoding', 'connect-content-encoding'],
  ...['x-request-id', 'x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset'],
];
/** Browsers ask again after it; none keeps an answer for longer than a day. */
const PREFLIGHT_SECONDS = 7_200;

/** The site that a request is from, when the rules let it call. */
export function allowedOrigin(
  rules: CorsRules | undefined,
  { headers }: IncomingMessage,
): string | undefined {
  const { origin } = headers;
  if (rules === undefined || origin === undefined) return undefined;
  return rules.origins.includes('*') || rules.origins.includes(origin.toLowerCase()) ? origin : undefined;
}

/** Lets the page read the answer. */
export function letRead(response: ServerResponse, origin: string): void {
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', ANSWER_HEADERS.join(', '));
  response.setHeader('vary', 'origin');
}

/** Answers the question of a browser whether a page of `origin` may call. */
export function answerPreflight(response: ServerResponse, rules: CorsRules, origin: string): void {
  response.writeHead(204, {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': [...REQUEST_HEADERS, ...rules.headers].join(', '),
    'access-control-max-age': String(PREFLIGHT_SECONDS),
    vary: 'origin',
  });
  response.end();
}
