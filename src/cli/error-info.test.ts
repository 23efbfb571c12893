/** What the server puts into the details of an error is read back. */
import { create, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { ErrorInfoSchema } from '../dialects/grpc/gen/google/rpc/error_details_pb.ts';
import { errorInfoOf } from './error-info.ts';

const detail = (bytes: Uint8Array, type = 'google.rpc.ErrorInfo') => ({
  type,
  value: Buffer.from(bytes).toString('base64'),
});

const BYTES = toBinary(
  ErrorInfoSchema,
  create(ErrorInfoSchema, {
    reason: 'INVALID_STATEMENT',
    domain: 'd'.repeat(300),
    metadata: { hint: 'Schreibe »NODE«', position: '12' },
  }),
);

test('reason and metadata', () => {
  expect(errorInfoOf(detail(BYTES))).toEqual({
    reason: 'INVALID_STATEMENT',
    metadata: new Map([
      ['hint', 'Schreibe »NODE«'],
      ['position', '12'],
    ]),
  });
});

test('other details and broken ones are none', () => {
  expect(errorInfoOf(detail(BYTES, 'google.rpc.RetryInfo'))).toBeUndefined();
  expect(errorInfoOf(detail(BYTES.subarray(0, 10)))).toBeUndefined();
  expect(errorInfoOf(detail(new Uint8Array([8, 1])))).toBeUndefined();
  expect(errorInfoOf(null)).toBeUndefined();
});
