/** What a plan allows in one request. */
import { describe, expect, it } from 'vitest';
import { PLANS, type Plan, type Principal } from '../base/index.ts';
import type { OperationContext } from './operation.ts';
import { assertBatch, assertPayload, assertTtl } from './plan-limits.ts';

const PLAN = PLANS[0] as Plan;
const caller: Principal = { name: 'ann', role: 'write', plan: PLAN };
const anybody: Principal = { name: 'bob', role: 'write' };
const contextOf = (principal: Principal) => ({ principal }) as OperationContext;

describe('the limits of a plan', () => {
  it('hold for a time to live', () => {
    for (const ttlMs of [undefined, null, 1, PLAN.ttlMsMax]) assertTtl(contextOf(caller), ttlMs);
    expect(() => assertTtl(contextOf(caller), PLAN.ttlMsMax + 1_000)).toThrow(
      'A time to live of 86401 s is longer than the 86400 s of plan Free',
    );
    assertTtl(contextOf(anybody), Number.MAX_SAFE_INTEGER);
  });

  it('hold for a batch', () => {
    assertBatch(contextOf(caller), PLAN.batchItemsMax);
    expect(() => assertBatch(contextOf(caller), PLAN.batchItemsMax + 1)).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }),
    );
    assertBatch(contextOf(anybody), 1_000_000);
  });

  it('hold for a body', () => {
    assertPayload(caller, undefined);
    assertPayload(caller, PLAN.payloadBytesMax);
    expect(() => assertPayload(caller, PLAN.payloadBytesMax + 1)).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }),
    );
    assertPayload(anybody, 1e9);
  });
});
