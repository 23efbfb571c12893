/** Ends leases by one statement: messages that are done, that have failed, that are given back. */
import { FacetError, LIMITS } from '../../base/index.ts';
import { arrayLiteral, type Parameter, statement } from '../../engine/index.ts';
import { noQueue, type Run, shown } from './names.ts';
import type { NackResult, Reason } from './schemas.ts';

/** What is said about one delivery. */
export interface Answer {
  readonly queue: string;
  readonly messageId: string;
  readonly id: string;
  readonly delivery: Parameter;
  readonly consumer: Parameter;
  readonly comesBack: boolean;
}

const ACK = statement(
  'queue.ack',
  `SELECT place, status FROM queue.ack($1::boolean, $2::text[], $3::int[], $4::bigint[], $5::int[], $6::text[])`,
);

const NACK = statement(
  'queue.nack',
  `SELECT place, status, reason FROM queue.nack(
     $1::boolean, $2::int, $3::text[], $4::int[], $5::bigint[], $6::int[], $7::text[], $8::boolean[])`,
);

const RELEASE = statement(
  'queue.release',
  `SELECT queue.release($1::boolean, $2::text[], $3::int[], $4::bigint[], $5::int[])`,
);

/** A delivery. */
export type Named = Pick<Answer, 'queue' | 'id' | 'delivery'>;

/** Names, the number of its name for each item, ids, deliveries. */
function addressed(items: readonly Named[]): readonly Parameter[] {
  const places = new Map<string, string>();
  for (const { queue } of items) if (!places.has(queue)) places.set(queue, String(places.size + 1));
  return [
    arrayLiteral([...places.keys()]),
    arrayLiteral(items.map(({ queue }) => places.get(queue) ?? null)),
    arrayLiteral(items.map(({ id }) => id)),
    arrayLiteral(items.map(({ delivery }) => delivery)),
  ];
}

const consumersOf = (items: readonly Answer[]): Parameter =>
  arrayLiteral(items.map(({ consumer }) => consumer));

export async function runAck(
  run: Run,
  own: boolean,
  items: readonly Answer[],
): Promise<readonly (true | FacetError)[]> {
  const { rows } = await run(ACK, [String(own), ...addressed(items), consumersOf(items)]);
  const outcomes: (true | FacetError)[] = items.map(() => true);
  for (const [place, status] of rows) {
    const at = Number(place) - 1;
    const item = items[at];
    if (item !== undefined) outcomes[at] = refusal(item, status);
  }
  return outcomes;
}

export async function runNack(
  run: Run,
  own: boolean,
  items: readonly Answer[],
): Promise<readonly (NackResult | FacetError)[]> {
  const { rows } = await run(NACK, [
    String(own),
    String(LIMITS.queueDeadMax),
    ...addressed(items),
    consumersOf(items),
    arrayLiteral(items.map(({ comesBack }) => String(comesBack))),
  ]);
  const outcomes = new Map<number, NackResult | FacetError>();
  for (const [place, status, reason] of rows) {
    const at = Number(place) - 1;
    const item = items[at];
    if (item === undefined) continue;
    outcomes.set(at, status === '0' ? nackResult(reason) : refusal(item, status));
  }
  return items.map((item, at) => outcomes.get(at) ?? refusal(item, '4'));
}

const nackResult = (reason: Parameter | undefined): NackResult =>
  typeof reason === 'string'
    ? { action: 'dead_lettered', reason: reason as Reason }
    : { action: 'requeued', reason: null };

/** Gives deliveries back that nobody will answer: they do not count, and go to where they came from. */
export async function runRelease(run: Run, own: boolean, items: readonly Named[]): Promise<readonly true[]> {
  await run(RELEASE, [String(own), ...addressed(items)]);
  return items.map(() => true);
}

function refusal({ queue, messageId }: Answer, status: Parameter | undefined): FacetError {
  if (status === '1') return noQueue(queue);
  const id = shown(messageId);
  if (status === '5') {
    return new FacetError('MESSAGE_NOT_FOUND', `Message ${id} is leased to another consumer`);
  }
  return new FacetError('MESSAGE_NOT_FOUND', `Message ${id} is not under lease in queue '${shown(queue)}'`, {
    hint: 'It was answered before, or its lease has ended',
  });
}
