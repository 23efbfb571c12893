/** How strict waits for the disk are. What is asked of PostgreSQL is tested on one, in test/engine. */
import { expect, it } from 'vitest';
import { strictest, syncLevel } from './log-position.ts';

it('reads what PostgreSQL says, and takes what it does not know for the strictest', () => {
  expect(['off', 'local', 'remote_write', 'on', 'remote_apply', 'eventually', null].map(syncLevel)).toEqual([
    'off',
    'local',
    'remote_write',
    'on',
    'remote_apply',
    'remote_apply',
    'remote_apply',
  ]);
});

it('has all wait as the strictest of them has to', () => {
  const of = (...levels: readonly string[]) =>
    strictest(levels.map((level) => ({ level: syncLevel(level) })));
  expect([of('off'), of('off', 'local'), of('on', 'local'), of('on', 'remote_apply', 'off')]).toEqual([
    'off',
    'local',
    'on',
    'remote_apply',
  ]);
});
