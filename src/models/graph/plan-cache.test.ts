/** What the plans that are kept may take, and which of them stay. */
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../base/index.ts';
import { prepare } from '../../cypher/index.ts';
import { Pace, type Plan, PlanCache } from './plan-cache.ts';

const planned = (text: string): Plan => ({
  query: prepare(text, new Map()),
  text: '',
  pace: new Pace(),
  streamPace: new Pace(),
  kind: 'read',
});

describe('plans that are kept', () => {
  it('never take more than the bound, however long their texts are', () => {
    const plans = new PlanCache();
    const list = Array.from({ length: 4_000 }, () => '1+2')
      .join(',')
      .slice(0, 15_999);
    const plan = planned(`RETURN [${list}] AS a`);
    for (let at = 0; at < 300; at++) plans.keep(`/*${at}*/ RETURN [${list}] AS a`, plan);
    expect(plans.bytes).toBeLessThanOrEqual(LIMITS.cypherPlansBytesMax);
    expect(plans.size).toBeGreaterThan(10);
    expect(plans.size).toBeLessThan(300);
  });

  it('count the names that a short text passes on', () => {
    const names = Array.from({ length: 2_000 }, (_, at) => `1 AS a${at}`).join(',');
    const text = `WITH ${names} ${'WITH * '.repeat(90)} RETURN 1 AS x`;
    const plans = new PlanCache();
    plans.keep(text, planned(text));
    expect(plans.size).toBe(0);
  });

  it('stay when they are asked for, while others come and go', () => {
    const plans = new PlanCache();
    const hot = planned('RETURN 1');
    plans.keep('hot', hot);
    for (let at = 0; at < 5 * LIMITS.cypherPlansMax; at++) {
      plans.keep(`once ${at}`, hot);
      expect(plans.get('hot')).toBe(hot);
    }
    expect(plans.get('once 0')).toBeUndefined();
    expect(plans.size).toBe(LIMITS.cypherPlansMax);
  });
});
