/** Bounds and silence of clients with a MULTI or a WATCH, with bounds of a few and a clock of its own. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ClientId, MultiClients } from './multi-clients.ts';

const IDLE_MS = 1_000;
const bounds = {
  ofOne: { clients: 3, bytes: 2_000, ended: 4 },
  ofAll: { clients: 5, bytes: 3_000, ended: 6 },
  idleMs: IDLE_MS,
};

const id = (owner: string, name: string): ClientId => ({ owner, key: `${owner}/${name}` });
const open = (of: MultiClients, owner: string, ...names: string[]): void => {
  for (const name of names) of.open(id(owner, name)).queued = [];
};

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('bounds', () => {
  it('refuses beyond that of the principal, and gives up nothing of anybody', () => {
    const clients = new MultiClients(bounds);
    open(clients, 'a', '1', '2', '3');
    expect(() => clients.open(id('a', '4'))).toThrow(/synapMultiClientsPerPrincipalMax/);
    open(clients, 'b', '1', '2');
    expect(() => clients.open(id('b', '3'))).toThrow(/synapMultiClientsMax/);
    for (const name of ['1', '2', '3']) expect(clients.find(id('a', name))?.queued).toEqual([]);
    clients.close(id('a', '1'));
    open(clients, 'b', '3');
    expect(clients.size.clients).toBe(5);
  });

  it('counts bytes by principal and overall, and gives them back', () => {
    const clients = new MultiClients(bounds);
    open(clients, 'a', '1', '2');
    open(clients, 'b', '1');
    const text = 'x'.repeat(1_000);
    clients.charge(id('a', '1'), text);
    expect(() => clients.charge(id('a', '2'), text)).toThrow(/synapMultiBytesPerPrincipalMax/);
    clients.charge(id('b', '1'), text);
    expect(() => clients.charge(id('b', '1'), text)).toThrow(/synapMultiBytesPerPrincipalMax/);
    clients.charge(id('a', '2'), 'x'.repeat(300));
    expect(() => clients.charge(id('b', '1'), 'x'.repeat(200))).toThrow(/synapMultiBytesMax/);
    clients.release(id('a', '1'));
    clients.charge(id('b', '1'), 'x'.repeat(200));
    for (const each of [id('a', '1'), id('a', '2'), id('b', '1')]) clients.close(each);
    expect(clients.size).toEqual({ clients: 0, bytes: 0, ended: 0 });
  });

  it('forgets the ends of whoever has most', () => {
    const clients = new MultiClients(bounds);
    for (const name of ['1', '2', '3', '4', '5']) clients.end(id('a', name), 'silent');
    expect(clients.endOf(id('a', '1'))).toBeUndefined();
    expect(clients.endOf(id('a', '2'))).toBe('silent');
    clients.end(id('b', '1'), 'silent');
    clients.end(id('b', '2'), 'silent');
    expect(clients.size.ended).toBe(6);
    clients.end(id('c', '1'), 'refused');
    expect(clients.size.ended).toBe(6);
    expect(clients.endOf(id('a', '2'))).toBeUndefined();
    for (const each of [id('b', '1'), id('b', '2'), id('a', '3')]) expect(clients.endOf(each)).toBe('silent');
    expect(clients.endOf(id('c', '1'))).toBe('refused');
  });
});

describe('silence', () => {
  it('ends a client, frees its bytes without anybody asking, and is remembered', () => {
    const clients = new MultiClients(bounds);
    open(clients, 'a', '1');
    clients.charge(id('a', '1'), 'x'.repeat(500));
    clients.open(id('a', 'watcher'));
    vi.advanceTimersByTime(3 * IDLE_MS);
    expect(clients.size).toEqual({ clients: 0, bytes: 0, ended: 2 });
    expect(clients.find(id('a', '1'))).toBeUndefined();
    expect(clients.endOf(id('a', '1'))).toBe('silent');
    expect(clients.endOf(id('a', 'watcher'))).toBe('watch');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is broken by any command', () => {
    const clients = new MultiClients(bounds);
    open(clients, 'a', '1', '2');
    for (let round = 0; round < 5; round++) {
      vi.advanceTimersByTime(IDLE_MS * 0.6);
      expect(clients.find(id('a', '1'))?.queued).toEqual([]);
    }
    expect(clients.endOf(id('a', '2'))).toBe('silent');
  });

  it('is forgotten when the client begins again, but not what it watched', () => {
    const clients = new MultiClients(bounds);
    open(clients, 'a', '1');
    clients.open(id('a', '2')).watched.set('key', 'mark');
    vi.advanceTimersByTime(3 * IDLE_MS);
    expect(clients.open(id('a', '1'))).toMatchObject({ queued: undefined, watchLost: false });
    const again = clients.open(id('a', '2'));
    expect(again.watchLost).toBe(true);
    expect(again.watched.size).toBe(0);
    expect(clients.size).toMatchObject({ clients: 2, ended: 0 });
  });
});
