/** Leases messages by one statement for many who wait, in several queues. */
import { nowMs } from '../../base/index.ts';
import { arrayLiteral, type Cell, type Parameter, statement } from '../../engine/index.ts';
import { base64Of, messageIdOf, type Run } from './names.ts';
import type { Delivered } from './schemas.ts';

/** What one who waits may get. */
export interface Want {
  readonly consumer: Parameter;
  /** Length of the lease; null: as the queue says. */
  readonly leaseMs: Parameter;
  /** Messages. */
  readonly count: number;
}

/** By rank, which is 9 minus the priority: nothing that matters has a lower number; undefined: begin at the beginning. */
export type Floors = readonly (number | undefined)[];

export interface Request {
  readonly queue: string;
  /** At least one. */
  readonly wants: readonly Want[];
  readonly floors: Floors;
}

/** A message under lease, and what its release is addressed by. */
export interface Lease {
  readonly id: string;
  readonly delivery: string;
  readonly leaseMs: number;
  /** Its number in the order of its queue. */
  readonly seq: number;
  readonly delivered: Delivered;
}

export interface Claimed {
  readonly found: boolean;
  /** By the place of their want. */
  readonly leases: readonly (readonly Lease[])[];
  readonly count: number;
  /** Messages that could be taken for all that the prefetch limit allows. */
  readonly allowed: number;
  /** There are messages that somebody else holds at this moment, and may let go. */
  readonly held: boolean;
  /** Until a lease ends, of any queue; known when fewer came than were wanted. */
  readonly nextMs: number | undefined;
}

const CLAIM = statement(
  'queue.claim',
  `SELECT place, id, delivery, priority, retry_count, max_retries, body, bytes, headers, seq, lease_ms,
     status, places, held, next_ms
   FROM queue.claim($1::boolean, $2::text[], $3::int[], $4::text[], $5::bigint[], $6::bigint[])`,
);

const RANKS = Array.from({ length: 10 }, (_, rank) => rank);
const textOf = (floor: number | undefined): Parameter => (floor === undefined ? null : String(floor));

/** Claims in several queues; answers in the order of requests. */
export async function runClaim(
  run: Run,
  own: boolean,
  requests: readonly Request[],
): Promise<readonly Claimed[]> {
  const consumers: Parameter[] = [];
  const leases: Parameter[] = [];
  /** The want of each place, by queue. */
  const owners: number[] = [];
  const sizes: string[] = [];
  for (const { wants } of requests) {
    const before = owners.length;
    wants.forEach((want, index) => {
      for (let n = 0; n < want.count; n++) {
        consumers.push(want.consumer);
        leases.push(want.leaseMs);
        owners.push(index);
      }
    });
    sizes.push(String(owners.length - before));
  }
  const { rows } = await run(CLAIM, [
    String(own),
    arrayLiteral(requests.map(({ queue }) => queue)),
    arrayLiteral(sizes),
    arrayLiteral(consumers),
    arrayLiteral(leases),
    arrayLiteral(requests.flatMap(({ floors }) => RANKS.map((rank) => textOf(floors[rank])))),
  ]);
  return claimedOf(requests, owners, rows);
}

function claimedOf(
  requests: readonly Request[],
  owners: readonly number[],
  rows: readonly (readonly Cell[])[],
): readonly Claimed[] {
  const atMs = nowMs();
  const answers: Claimed[] = [];
  let at = 0;
  for (const { wants } of requests) {
    const leases: Lease[][] = wants.map(() => []);
    const from = at;
    for (;;) {
      const row = rows[at++] ?? [];
      const [place] = row;
      if (typeof place !== 'string') {
        const [status, allowed, held, nextMs] = row.slice(11);
        answers.push({
          found: status === '0',
          leases,
          count: at - 1 - from,
          allowed: Number(allowed ?? 0),
          held: held === 't',
          nextMs: typeof nextMs === 'string' ? Number(nextMs) : undefined,
        });
        break;
      }
      leases[owners[Number(place) - 1] ?? 0]?.push(leaseOf(row, atMs));
    }
  }
  return answers;
}

function leaseOf(row: readonly Cell[], atMs: number): Lease {
  const [, id, delivery, priority, retryCount, maxRetries, json, bytes, headers, seq, lease] = row;
  const messageId = messageIdOf(id);
  const leaseMs = Number(lease);
  return {
    id: id ?? '',
    delivery: delivery ?? '',
    leaseMs,
    seq: Number(seq),
    delivered: {
      messageId,
      messageJson: json ?? null,
      payloadBase64: base64Of(bytes),
      priority: Number(priority),
      retryCount: Number(retryCount),
      maxRetries: Number(maxRetries),
      headersJson: headers ?? null,
      receipt: `${messageId}.${delivery ?? ''}`,
      deliveredAtMs: atMs,
      leaseEndsAtMs: atMs + leaseMs,
    },
  };
}
