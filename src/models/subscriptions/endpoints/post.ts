/**
 * One POST to a receiver. Every connection goes to an address that was checked when it was made, whatever the name
 * resolves to before or later. The answer counts once its status is here; of its body so much is read that the connection
 * can be used again, and no more.
 */
import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { asFacetError, LIMITS, nowMs } from '../../../base/index.ts';
import type { WebhookRules } from '../../operation.ts';
import { allowedAddresses, endpointUrl, hostOf } from './endpoint.ts';

export type Answer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** What the receiver asked to wait before the next try. */
      readonly retryAfterMs: number | undefined;
    }
  /** Not connected, not answered in time, or broken off. */
  | { readonly kind: 'failed'; readonly why: string }
  /** By our own signal. */
  | { readonly kind: 'aborted' };

export class Poster {
  readonly #rules: WebhookRules;
  readonly #http: HttpAgent;
  readonly #https: HttpsAgent;
  readonly #answerMsMax: number;

  /** Certificates of https receivers are checked as everywhere: by the authorities that Node.js trusts. */
  constructor(rules: WebhookRules, answerMsMax: number = LIMITS.webhookAnswerMsMax) {
    this.#rules = rules;
    this.#answerMsMax = answerMsMax;
    const options = { keepAlive: true, maxFreeSockets: LIMITS.webhookRequestsMax, lookup: this.#lookup };
    this.#http = new HttpAgent(options);
    this.#https = new HttpsAgent(options);
  }

  /** Never rejects. */
  async post(
    endpoint: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    signal: AbortSignal,
  ): Promise<Answer> {
    const late = AbortSignal.timeout(this.#answerMsMax);
    try {
      const url = endpointUrl(endpoint);
      // Node asks its `lookup` for names only.
      if (isIP(hostOf(url)) !== 0) await allowedAddresses(hostOf(url), this.#rules);
      return await this.#send(url, headers, body, AbortSignal.any([signal, late]));
    } catch (thrown) {
      if (signal.aborted) return { kind: 'aborted' };
      if (late.aborted) return { kind: 'failed', why: `No answer within ${this.#answerMsMax} ms` };
      return { kind: 'failed', why: whyOf(thrown) };
    }
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #send(
    url: URL,
    headers: Readonly<Record<string, string>>,
    body: string,
    signal: AbortSignal,
  ): Promise<Answer> {
    const secure = url.protocol === 'https:';
    const options: RequestOptions = {
      method: 'POST',
      headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
      agent: secure ? this.#https : this.#http,
      signal,
      maxHeaderSize: LIMITS.headerBytesMax,
    };
    return new Promise((resolve, reject) => {
      const request = (secure ? httpsRequest : httpRequest)(url, options, (answer) => {
        resolve({
          kind: 'answered',
          status: answer.statusCode ?? 0,
          retryAfterMs: retryAfterMs(answer.headers['retry-after']),
        });
        readSome(answer);
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        // The receiver closed an idle connection just when we took it again: it has not seen this.
        const wasStale = request.reusedSocket && error.code === 'ECONNRESET' && !signal.aborted;
        if (wasStale)
          this.#send(url, { ...headers, Connection: 'close' }, body, signal).then(resolve, reject);
        else reject(error);
      });
      request.end(body);
    });
  }

  readonly #lookup: LookupFunction = (host, options, callback) => {
    allowedAddresses(host, this.#rules).then(
      (addresses) => {
        const wanted = addresses.filter(
          (address) => (options.family ?? 0) === 0 || isIP(address) === options.family,
        );
        const [first] = wanted;
        if (first === undefined) callback(new Error(`${host} has no address`), '');
        else if (options.all === true) {
          callback(
            null,
            wanted.map((address) => ({ address, family: isIP(address) })),
          );
        } else callback(null, first, isIP(first));
      },
      (thrown: unknown) => callback(asError(thrown), ''),
    );
  };
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));

/** Reads to the end if that is near; else the connection goes. */
function readSome(answer: IncomingMessage): void {
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LIMITS.webhookAnswerBytesMax) answer.destroy();
  });
  answer.on('error', () => {});
}

/** RFC 9110 section 10.2.3: seconds, or a date. */
function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs());
}

/** For the state of a subscription, which its owner reads. */
function whyOf(thrown: unknown): string {
  const error = asFacetError(thrown);
  if (error.code === 'INVALID_ENDPOINT') return error.message;
  return thrown instanceof Error ? `Not delivered: ${thrown.message.slice(0, 200)}` : 'Not delivered';
}
