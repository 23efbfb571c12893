/**
 * What a command is: its names, the operation behind it, how its payload becomes an input and its output an answer.
 * The files of commands/ declare them, table.ts gathers them; routes, batches and sockets run them from there.
 */
import type { Json } from '../../base/index.ts';
import type { Dispatch, GuardedOperation, Session } from '../../dispatch/index.ts';
import type { Operation } from '../../models/index.ts';
import type { SynapWire } from './errors.ts';
import { Fields } from './fields.ts';

/** What options of the server say about the dialect. */
export interface SynapSettings {
  readonly version: string;
  readonly wire: SynapWire;
  /** Whether kv.flushdb and kv.flushall do what they say. */
  readonly allowFlush: boolean;
}

/** One call of a command. */
export interface CommandCall {
  readonly payload: Json;
  readonly session: Session;
  readonly dispatch: Dispatch;
  readonly settings: SynapSettings;
  /** Members of the payload that come from a path or a query string: their numbers are text. */
  readonly texts?: ReadonlySet<string>;
  /** False in a transaction that holds what others want until the request ends: there, nothing is waited for. */
  readonly mayWait?: boolean | undefined;
}

export interface Command {
  /** The canonical name first. */
  readonly names: readonly [string, ...string[]];
  readonly operation: GuardedOperation;
  /** Several in a row of one batch are under way at once: the model keeps their order where it matters. */
  readonly gathers: boolean;
  /** JSON text of the payload of the answer. @throws FacetError */
  readonly run: (call: CommandCall) => Promise<string>;
}

export const fieldsOf = ({ payload, texts }: CommandCall): Fields =>
  texts === undefined ? Fields.of(payload) : Fields.ofTexts(payload, texts);

interface Declared<Input, Output> {
  /** Other spellings of the name of the operation. */
  readonly aliases?: readonly string[];
  readonly gathers?: boolean;
  readonly read: (fields: Fields, settings: SynapSettings) => Input;
  /** JSON text. */
  readonly write: (output: Output, fields: Fields, settings: SynapSettings) => string;
}

/** The command of an operation, which has its name. */
export function command<Input, Output>(
  operation: Operation<Input, Output>,
  { aliases = [], gathers = false, read, write }: Declared<Input, Output>,
): Command {
  return {
    names: [operation.name, ...aliases],
    operation,
    gathers,
    run: async (call) => {
      const fields = fieldsOf(call);
      const output = await call.dispatch.call(operation, read(fields, call.settings), call.session);
      return write(output, fields, call.settings);
    },
  };
}

/** A command that is made of several operations, or that is refused. Its payload is an object, as that of any other. */
export function composed(
  names: Command['names'],
  access: GuardedOperation['access'],
  run: Command['run'],
): Command {
  return {
    names,
    operation: { name: names[0], access, category: 'default' },
    gathers: false,
    run: async (call) => {
      fieldsOf(call);
      return await run(call);
    },
  };
}

/** JSON text of plain data: no numbers in it that a double cannot hold. */
export const json = (value: unknown): string => JSON.stringify(value);
