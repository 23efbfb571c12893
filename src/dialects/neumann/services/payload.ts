/** The payload of a point, whose values are JSON in UTF-8, and the metadata of an embedding. */
import { FacetError, type Json, parseExactJson, stringifyExactJson } from '../../../base/index.ts';

type Payload = { [name: string]: Uint8Array };
type Metadata = { readonly [name: string]: Json };

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** @throws INVALID_PARAMETER naming the entry */
export function metadataOf(id: string, payload: Payload): Metadata {
  const metadata: [string, Json][] = [];
  for (const [name, bytes] of Object.entries(payload)) metadata.push([name, jsonIn(id, name, bytes)]);
  return Object.fromEntries(metadata);
}

function jsonIn(id: string, name: string, bytes: Uint8Array): Json {
  try {
    return parseExactJson(UTF8.decode(bytes));
  } catch {
    throw new FacetError(
      'INVALID_PARAMETER',
      `The payload '${name}' of the point '${id}' is not JSON in UTF-8`,
    );
  }
}

export const payloadOf = (metadata: Metadata): Payload =>
  Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [name, Buffer.from(stringifyExactJson(value))]),
  );
