/** Two looks at the cluster, and what is told of their difference. */
import { describe, expect, it } from 'vitest';
import { changesBetween, type Sight } from './changes-between.ts';

const alone: Sight = { node: 'n1', address: 'a:1', role: 'leader', term: '1', replicas: new Map() };
const away: Sight = { ...alone, role: undefined, term: '', replicas: undefined };
const replica = { address: 'b:2', status: 'healthy' };
const told = (before: Sight, now: Sight) =>
  changesBetween(before, now).map(({ eventType, metadata }) => [
    eventType,
    metadata.node_id,
    metadata.status,
  ]);

describe('changesBetween', () => {
  it('is nothing when nothing differs', () => {
    expect(told(alone, { ...alone })).toEqual([]);
    expect(told(away, { ...away })).toEqual([]);
  });

  it('tells of replicas that come, fall silent and go', () => {
    const joined = { ...alone, replicas: new Map([['r1', replica]]) };
    const silent = { ...alone, replicas: new Map([['r1', { ...replica, status: 'suspect' }]]) };
    expect(told(alone, joined)).toEqual([['node_join', 'r1', 'healthy']]);
    expect(told(joined, silent)).toEqual([['health_change', 'r1', 'suspect']]);
    expect(told(silent, alone)).toEqual([['node_leave', 'r1', undefined]]);
  });

  it('tells of PostgreSQL that goes and comes back, and of nothing that nobody could see', () => {
    const joined = { ...alone, replicas: new Map([['r1', replica]]) };
    expect(told(joined, away)).toEqual([['health_change', 'n1', 'down']]);
    expect(told(away, alone)).toEqual([['health_change', 'n1', 'healthy']]);
  });

  it('tells of a new leader by role and by term', () => {
    expect(told(alone, { ...alone, role: 'follower' })).toEqual([['leader_change', 'n1', undefined]]);
    expect(told(alone, { ...alone, term: '2' })).toEqual([['leader_change', 'n1', undefined]]);
  });
});
