/**
 * Messages of clients, read straight into what they mean: parameters become Cypher's values at once. That is some times
 * as fast as going through generated messages, and stricter. Generated code reads the same (see the tests).
 */
import { asFacetError, type FacetError, LIMITS } from '../base/index.ts';
import type { MapValue, Value } from '../cypher/index.ts';
import { notAParameter, untagged } from './parameters.ts';
import { undecodable, WIRE, WireReader } from './wire-reader.ts';

export interface StatementRequest {
  readonly query: string;
  readonly parameters: MapValue;
  /** What is wrong with the parameters: the statement cannot be run, and everything else of the message can be read. */
  readonly fault: FacetError | undefined;
}

export interface ExecuteRequest extends StatementRequest {
  readonly requestId: string | undefined;
  readonly fetchSize: bigint | undefined;
}

export interface BatchRequest {
  readonly statements: readonly StatementRequest[];
  readonly requestId: string | undefined;
}

export type ClientRequest =
  | { readonly kind: 'hello'; readonly token: string | undefined }
  | ({ readonly kind: 'execute' } & ExecuteRequest)
  | { readonly kind: 'begin'; readonly mode: string | undefined; readonly requestId: string | undefined }
  | { readonly kind: 'commit' | 'rollback'; readonly requestId: string | undefined }
  | ({ readonly kind: 'batch' } & BatchRequest)
  | {
      readonly kind: 'fetch';
      readonly streamId: bigint;
      readonly requestId: string | undefined;
    }
  | {
      readonly kind: 'close-stream';
      readonly streamId: bigint;
      readonly requestId: string | undefined;
    }
  | { readonly kind: 'close' };

/**
 * One ClientMessage; undefined when it has none of the kinds that are known. Where several are set the last one counts.
 * @throws FacetError INVALID_PARAMETER that says in a few words why the bytes are no message
 */
export function decodeClientMessage(bytes: Buffer): ClientRequest | undefined {
  const reader = new WireReader(bytes);
  const end = reader.length;
  let request: ClientRequest | undefined;
  while (reader.at < end) {
    const tag = reader.tag(end);
    const read = KINDS[tag >>> 3];
    if (read === undefined) reader.skip(tag, end);
    else {
      expect(tag, WIRE.bytes);
      request = read(reader, reader.end(end));
    }
  }
  return request;
}

/** A bare Execute, as HTTP has it. @throws as decodeClientMessage */
export function decodeExecute(bytes: Buffer): ExecuteRequest {
  const reader = new WireReader(bytes);
  return executeAt(reader, reader.length);
}

/** A bare Batch, as HTTP has it. @throws as decodeClientMessage */
export function decodeBatch(bytes: Buffer): BatchRequest {
  const reader = new WireReader(bytes);
  return batchAt(reader, reader.length);
}

type Read = (reader: WireReader, end: number) => ClientRequest;

/** By the numbers of ClientMessage. */
const KINDS: readonly (Read | undefined)[] = [
  undefined,
  (reader, end) => ({ kind: 'hello', token: texts(reader, end, 1)[0] }),
  (reader, end) => ({ kind: 'execute', ...executeAt(reader, end) }),
  (reader, end) => {
    const [mode, requestId] = texts(reader, end, 2);
    return { kind: 'begin', mode, requestId };
  },
  (reader, end) => ({ kind: 'commit', requestId: texts(reader, end, 1)[0] }),
  (reader, end) => ({ kind: 'rollback', requestId: texts(reader, end, 1)[0] }),
  (reader, end) => ({ kind: 'batch', ...batchAt(reader, end) }),
  (reader, end) => ({ kind: 'fetch', ...streamAt(reader, end) }),
  (reader, end) => ({ kind: 'close-stream', ...streamAt(reader, end) }),
  (reader, end) => {
    texts(reader, end, 0);
    return { kind: 'close' };
  },
];

/** A message whose first `count` fields are texts; others are passed over. */
function texts(reader: WireReader, end: number, count: number): (string | undefined)[] {
  const found: (string | undefined)[] = [];
  while (reader.at < end) {
    const tag = reader.tag(end);
    const field = tag >>> 3;
    if (field > count) reader.skip(tag, end);
    else {
      expect(tag, WIRE.bytes);
      found[field - 1] = reader.text(end);
    }
  }
  return found;
}

function streamAt(reader: WireReader, end: number): { streamId: bigint; requestId: string | undefined } {
  let streamId = 0n;
  let requestId: string | undefined;
  while (reader.at < end) {
    const tag = reader.tag(end);
    const field = tag >>> 3;
    if (field === 1) {
      expect(tag, WIRE.varint);
      streamId = reader.unsigned(end);
    } else if (field === 2) {
      expect(tag, WIRE.bytes);
      requestId = reader.text(end);
    } else reader.skip(tag, end);
  }
  return { streamId, requestId };
}

function executeAt(reader: WireReader, end: number): ExecuteRequest {
  const statement = new Statement();
  let requestId: string | undefined;
  let fetchSize: bigint | undefined;
  while (reader.at < end) {
    const tag = reader.tag(end);
    const field = tag >>> 3;
    if (field <= 2) statement.read(reader, tag, end);
    else if (field === 3) {
      expect(tag, WIRE.bytes);
      requestId = reader.text(end);
    } else if (field === 4) {
      expect(tag, WIRE.varint);
      fetchSize = reader.unsigned(end);
    } else reader.skip(tag, end);
  }
  const { query, parameters, fault } = statement;
  return { query, parameters, fault, requestId, fetchSize };
}

function batchAt(reader: WireReader, end: number): BatchRequest {
  const statements: StatementRequest[] = [];
  let requestId: string | undefined;
  while (reader.at < end) {
    const tag = reader.tag(end);
    const field = tag >>> 3;
    if (field === 1) {
      expect(tag, WIRE.bytes);
      statements.push(statementAt(reader, reader.end(end)));
    } else if (field === 2) {
      expect(tag, WIRE.bytes);
      requestId = reader.text(end);
    } else reader.skip(tag, end);
  }
  return { statements, requestId };
}

function statementAt(reader: WireReader, end: number): StatementRequest {
  const statement = new Statement();
  while (reader.at < end) {
    const tag = reader.tag(end);
    if (tag >>> 3 <= 2) statement.read(reader, tag, end);
    else reader.skip(tag, end);
  }
  return statement;
}

const NO_PARAMETERS: MapValue = new Map();

/** Fields 1 and 2 of Execute and of BatchStatement: the query and its parameters. */
class Statement implements StatementRequest {
  query = '';
  fault: FacetError | undefined = undefined;
  #parameters: Map<string, Value> | undefined = undefined;

  get parameters(): MapValue {
    return this.#parameters ?? NO_PARAMETERS;
  }

  read(reader: WireReader, tag: number, end: number): void {
    expect(tag, WIRE.bytes);
    if (tag >>> 3 === 1) {
      this.query = reader.text(end);
      return;
    }
    this.#parameters ??= new Map();
    entryAt(reader, reader.end(end), 0, this.#parameters, (fault) => {
      this.fault ??= fault;
    });
  }
}

type Blame = (fault: FacetError) => void;

/** One MapEntry, into `map`. */
function entryAt(
  reader: WireReader,
  end: number,
  depth: number,
  map: Map<string, Value>,
  blame: Blame,
): void {
  let key = '';
  let value: Value = null;
  while (reader.at < end) {
    const tag = reader.tag(end);
    const field = tag >>> 3;
    if (field > 2) reader.skip(tag, end);
    else {
      expect(tag, WIRE.bytes);
      if (field === 1) key = reader.text(end);
      else value = valueAt(reader, reader.end(end), depth, blame);
    }
  }
  map.set(key, value);
}

/** One GraphValue. Of several members the last one counts. */
function valueAt(reader: WireReader, end: number, depth: number, blame: Blame): Value {
  if (depth > LIMITS.cypherValueDepthMax) throw undecodable('values nested too deeply');
  let value: Value = null;
  while (reader.at < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 0x0a:
        texts(reader, reader.end(end), 0);
        value = null;
        break;
      case 0x10:
        value = reader.bool(end);
        break;
      case 0x18:
        value = reader.signed(end);
        break;
      case 0x21:
        value = reader.double(end);
        break;
      case 0x2a:
        value = reader.text(end);
        break;
      case 0x32:
        value = listAt(reader, reader.end(end), depth + 1, blame);
        break;
      case 0x3a:
        value = mapAt(reader, reader.end(end), depth + 1, blame);
        break;
      case 0x5a:
        value = unionAt(reader, reader.end(end), depth + 1, blame);
        break;
      case 0x42:
      case 0x4a:
      case 0x52:
        reader.skip(tag, end);
        blame(notAParameter());
        value = null;
        break;
      default:
        // Numbers up to 11 are members, whose wire types are in the tags above.
        if (tag >>> 3 <= 11) throw undecodable(`wire type ${tag % 8} of the member ${tag >>> 3} of a value`);
        reader.skip(tag, end);
    }
  }
  return value;
}

function listAt(reader: WireReader, end: number, depth: number, blame: Blame): Value {
  const values: Value[] = [];
  while (reader.at < end) {
    const tag = reader.tag(end);
    if (tag >>> 3 !== 1) reader.skip(tag, end);
    else {
      expect(tag, WIRE.bytes);
      values.push(valueAt(reader, reader.end(end), depth, blame));
    }
  }
  return values;
}

function mapAt(reader: WireReader, end: number, depth: number, blame: Blame): MapValue {
  const map = new Map<string, Value>();
  while (reader.at < end) {
    const tag = reader.tag(end);
    if (tag >>> 3 !== 1) reader.skip(tag, end);
    else {
      expect(tag, WIRE.bytes);
      entryAt(reader, reader.end(end), depth, map, blame);
    }
  }
  return map;
}

function unionAt(reader: WireReader, end: number, depth: number, blame: Blame): Value {
  let name = '';
  let value: Value = null;
  while (reader.at < end) {
    const tag = reader.tag(end);
    const field = tag >>> 3;
    if (field > 2) reader.skip(tag, end);
    else {
      expect(tag, WIRE.bytes);
      if (field === 1) name = reader.text(end);
      else value = valueAt(reader, reader.end(end), depth, blame);
    }
  }
  try {
    return untagged(name, value);
  } catch (thrown) {
    blame(asFacetError(thrown));
    return null;
  }
}

function expect(tag: number, wire: number): void {
  if (tag % 8 !== wire) throw undecodable(`wire type ${tag % 8} of field ${tag >>> 3}`);
}
