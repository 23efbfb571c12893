/** Names of fields on the wire: those of the reference, for every field that an operation of this dialect takes. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { OPERATIONS } from '../../models/index.ts';
import { COMMANDS } from './commands/index.ts';
import { wireName } from './field-names.ts';

test.each([
  ['ttlMs', 'kv.set', 'ttl'],
  ['ttlMs', 'hyperloglog.pfadd', 'ttl_secs'],
  ['ackDeadlineMs', 'queue.create', 'ack_deadline_secs'],
  ['ackDeadlineMs', 'queue.consume', 'ack_deadline'],
  ['partition', 'topic.consume', 'partition_id'],
  ['valueJson', 'kv.set', 'value'],
  ['payloadBase64', 'queue.publish', 'payload'],
  ['subscriberId', 'stream.consume', 'subscriber_id'],
  ['0', 'kv.mset', '0'],
])('%s of %s is %s', (field, operation, wire) => {
  expect(wireName(field, operation)).toBe(wire);
});

test('no field is told in the words of its operation', () => {
  const commands = new Set([...COMMANDS.values()].map(({ operation }) => operation.name));
  const names: string[] = [];
  for (const { name, input } of OPERATIONS) {
    if (!commands.has(name)) continue;
    z.toJSONSchema(input, {
      unrepresentable: 'any',
      override: ({ jsonSchema }) => {
        for (const field of Object.keys(jsonSchema.properties ?? {})) names.push(wireName(field, name));
      },
    });
  }
  expect(names.length).toBeGreaterThan(100);
  expect(names.filter((name) => /[A-Z]|_(?:ms|json|base64|max)$/.test(name))).toEqual([]);
});
