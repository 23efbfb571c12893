/**
 * Batches: commands in order, each with a result of its own, or all of them in one transaction.
 *
 * Item by item, commands that stand in a row and gather (`gathers`) are under way at once, so that the model puts them
 * into one statement: reads of any name, for they change nothing that the others see, and writes of one name, whose order the
 * model keeps. Whatever comes after them waits for all of them. Writes of different names wait for each other even on
 * different keys: somebody who sees the later one, or what a crash has left, may rely on the earlier one.
 *
 * Plain kv.set in a row are one call, whose pairs the model batches with those of other callers. When that is refused,
 * each of them is tried by itself, so that a wrong one fails alone.
 */
import { asFacetError, FacetError, type Json, LIMITS } from '../../base/index.ts';
import { inTransaction, type Session } from '../../dispatch/index.ts';
import { assertBatch, kvSetEach } from '../../models/index.ts';
import { COMMANDS, setText } from './commands/index.ts';
import { type BatchRequest, batchText, failureItem, readCommand, successItem } from './envelope.ts';
import { errorText } from './errors.ts';
import { isObject, jsonText } from './fields.ts';
import { noneTookEffect, placed } from './placed.ts';
import { type Asked, attempt, type Running, runCommand } from './run.ts';

/** JSON text of the answer. @throws LIMIT_EXCEEDED; of an atomic batch, the failure of its first command that fails */
export async function runBatch(running: Running, batch: BatchRequest, session: Session): Promise<string> {
  const { commands, requestId } = batch;
  if (commands.length > LIMITS.synapBatchCommandsMax) {
    throw new FacetError(
      'PAYLOAD_TOO_LARGE',
      `${commands.length} commands in one batch are more than ${LIMITS.synapBatchCommandsMax} (synapBatchCommandsMax)`,
    );
  }
  if (session.principal !== undefined) assertBatch({ principal: session.principal }, commands.length);
  const results = batch.atomic
    ? await inTransaction(running.dispatch, session, 'read_committed', (inside) =>
        runAll({ ...running, mayWait: false }, batch, inside, session),
      )
    : await runEach(running, batch, session);
  return batchText(requestId, results);
}

/** One after the other; the first failure ends it. */
async function runAll(
  running: Running,
  batch: BatchRequest,
  inside: Session,
  asked: Session,
): Promise<string[]> {
  const results: string[] = [];
  for (const [at, item] of batch.commands.entries()) {
    assertThere(inside);
    try {
      const command = { ...readCommand(item), requestId: batch.requestId };
      results.push(successItem(await runCommand(running, command, inside)));
    } catch (thrown) {
      const place = `command ${at} of the batch, counted from 0${noneTookEffect(asked)}`;
      throw placed(asFacetError(thrown), place);
    }
  }
  return results;
}

function assertThere({ signal }: Session): void {
  if (signal.aborted) throw new FacetError('QUERY_CANCELLED', 'The client has left');
}

async function runEach(running: Running, batch: BatchRequest, session: Session): Promise<string[]> {
  const items = batch.commands.map((item) => readItem(item, batch.requestId));
  const results: string[] = [];
  while (results.length < items.length) {
    assertThere(session);
    const together = rowFrom(items, results.length);
    results.push(...(await runRow(running, together, session)));
  }
  return results;
}

type Item = Asked | FacetError;

function readItem(item: Json, requestId: string): Item {
  try {
    return { ...readCommand(item), requestId };
  } catch (thrown) {
    return asFacetError(thrown);
  }
}

/** The item at `start`, and those that follow it and may be under way with it. */
function rowFrom(items: readonly Item[], start: number): readonly Item[] {
  const first = items[start];
  const kind = first === undefined ? undefined : kindOf(first);
  let end = start + 1;
  const endMax = kind === undefined ? end : Math.min(items.length, start + LIMITS.synapBatchUnderWayMax);
  while (end < endMax) {
    const next = items[end];
    if (next === undefined || kindOf(next) !== kind) break;
    end++;
  }
  return items.slice(start, end);
}

const READS = Symbol('reads');

/** Items of the same kind may be under way at once; undefined when it goes with no other. */
function kindOf(item: Item): string | symbol | undefined {
  if (item instanceof FacetError) return undefined;
  const command = COMMANDS.get(item.command);
  if (command?.gathers !== true) return undefined;
  return command.operation.access === 'read' ? READS : command.names[0];
}

async function runRow(running: Running, row: readonly Item[], session: Session): Promise<string[]> {
  // In a transaction statements queue up anyway, and one that fails may end it.
  if (row.length > 1 && session.transactionId !== undefined) {
    const results: string[] = [];
    for (const item of row) results.push(await runItem(running, item, session));
    return results;
  }
  if (row.length > 1) {
    const pairs = plainSets(row);
    const done = pairs === undefined ? undefined : await setTogether(running, pairs, session);
    if (done !== undefined) return done;
  }
  return await Promise.all(row.map((item) => runItem(running, item, session)));
}

async function runItem(running: Running, item: Item, session: Session): Promise<string> {
  const done = item instanceof FacetError ? item : await attempt(running, item, session);
  return typeof done === 'string' ? successItem(done) : failureItem(errorText(done));
}

interface Pair {
  readonly key: string;
  readonly valueJson: string;
}

/** Key and value of commands that are all kv.set and ask for nothing else; undefined when they are not. */
function plainSets(row: readonly Item[]): Pair[] | undefined {
  const pairs: Pair[] = [];
  for (const item of row) {
    if (item instanceof FacetError || item.command !== 'kv.set' || !isObject(item.payload)) return undefined;
    const { payload } = item;
    for (const name in payload) {
      if (name !== 'key' && name !== 'value') return undefined;
    }
    const { key, value } = payload;
    if (typeof key !== 'string' || value === undefined) return undefined;
    pairs.push({ key, valueJson: jsonText(value) });
  }
  return pairs;
}

/** Undefined when nothing was written, because one of them cannot be. */
async function setTogether(
  { dispatch }: Running,
  pairs: readonly Pair[],
  session: Session,
): Promise<string[] | undefined> {
  try {
    const { outcomes } = await dispatch.call(kvSetEach, { pairs }, session);
    return pairs.map(({ key }, at) => {
      const refused = outcomes[at];
      return refused instanceof FacetError
        ? failureItem(errorText(refused))
        : successItem(setText(key, null));
    });
  } catch (thrown) {
    const error = asFacetError(thrown);
    if (error.kind === 'invalid' || error.kind === 'limit') return undefined;
    const failed = failureItem(errorText(error));
    return pairs.map(() => failed);
  }
}
