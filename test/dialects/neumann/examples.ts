/** Runs an example of the reference page on a store of its own, and makes its answer the same each time. */
import { fromBinary, toJson } from '@bufbuild/protobuf';
import { encodeResponse } from '../../../src/dialects/neumann/encode.ts';
import { runStatement } from '../../../src/dialects/neumann/statements/index.ts';
import { wireOf } from '../../../src/dialects/neumann/wire/index.ts';
import type { Example } from '../../../src/nql/index.ts';
import type { Leaves } from '../../support/leaves.ts';
import { openNeumann } from './open-neumann.ts';

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
/** Stand in examples for the ids of the artifacts that were made before: ARTIFACT, then ARTIFACT_2. */
const ARTIFACT = /ARTIFACT(?:_(\d))?/g;
const POINT = /rp_[0-9a-f]{12}/g;
const CHECKPOINT = 'CHECKPOINT';
const REQUEST = /req_[0-9a-f]{8}/g;
const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;
/** Unix times in seconds, by the fields that hold them. */
const TIMES: ReadonlySet<string> = new Set(['created', 'modified', 'created_at']);
const TIME = '1767225600';

const WIRE = wireOf('documented');
const { response } = WIRE;
const WHOLE = { useProtoFieldName: true, alwaysEmitImplicit: true };

/** Those that make restore points, which are databases. */
const NEEDS_DATABASES = /^(?:CHECKPOINT|ROLLBACK)/;

/** The answer as JSON, with placeholders for what is different each time. */
export async function answerOf({ statement, setup = [] }: Example): Promise<Leaves> {
  const neumann = await openNeumann({ ownPostgres: NEEDS_DATABASES.test(statement) });
  try {
    const artifacts: string[] = [];
    const withIds = (text: string): string =>
      text.replaceAll(ARTIFACT, (name, place = '1') => artifacts[Number(place) - 1] ?? name);
    const namedAgain = (id: string): string => {
      const place = artifacts.includes(id) ? artifacts.indexOf(id) : artifacts.push(id) - 1;
      return place === 0 ? 'ARTIFACT' : `ARTIFACT_${place + 1}`;
    };
    for (const text of setup) {
      JSON.stringify(await neumann.run(withIds(text))).replaceAll(UUID, namedAgain);
    }
    const result = await runStatement(withIds(statement), neumann.callOf());
    // With zeros and empty texts, which are not on the wire: readers see what there is.
    const answer = toJson(response, fromBinary(response, encodeResponse(WIRE, result)), WHOLE);
    const steadied = JSON.stringify(answer, steady)
      .replaceAll(UUID, namedAgain)
      .replaceAll(POINT, CHECKPOINT)
      .replaceAll(REQUEST, 'req_00000000')
      .replaceAll(INSTANT, '2026-01-01T00:00:00.000Z');
    return JSON.parse(steadied);
  } finally {
    await neumann.stop();
  }
}

function steady(key: string, value: unknown): unknown {
  return TIMES.has(key) && typeof value === 'string' ? TIME : value;
}
