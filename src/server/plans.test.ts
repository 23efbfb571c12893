/** Plans as they are written in the configuration, and credentials that name them. */
import { describe, expect, it } from 'vitest';
import { FacetError, PLANS } from '../base/index.ts';
import { readConfigFile } from './config-file.ts';

const complete = `
name = "Team"
storage_bytes_max = "50GB"
operations_per_month_max = "unlimited"
connections_max = 20
ttl_ms_max = "7d"
payload_bytes_max = "5MB"
batch_items_max = 500
requests_per_second_max = 50
`;
const credential = (plan: string) =>
  `[[credentials]]\nname = "ann"\nrole = "write"\nplan = "${plan}"\nsecret = "sha256:${'0'.repeat(64)}"\n`;

function fault(text: string): string {
  try {
    readConfigFile(text, 'facet.toml');
  } catch (thrown) {
    if (thrown instanceof FacetError) return `${thrown.message} ${thrown.hint ?? ''}`.trim();
    throw thrown;
  }
  throw new Error('it was taken');
}

describe('[[plans]]', () => {
  it('are read with units, and come before those that everyone knows', () => {
    const { plans } = readConfigFile(`[[plans]]${complete}`, 'facet.toml');
    expect(plans).toEqual([
      {
        name: 'Team',
        storageBytesMax: 50 * 1_024 ** 3,
        operationsPerMonthMax: null,
        connectionsMax: 20,
        ttlMsMax: 604_800_000,
        payloadBytesMax: 5_242_880,
        batchItemsMax: 500,
        requestsPerSecondMax: 50,
      },
      ...PLANS,
    ]);
  });

  it('may be based on others, also on those before them, and replace one that everyone knows', () => {
    const text = `[[plans]]${complete}
      [[plans]]\nname = "Free"\nbased_on = "Team"\nconnections_max = 1
      ${credential('Free')}`;
    const { credentials } = readConfigFile(text, 'facet.toml');
    expect(credentials[0]?.principal.plan).toMatchObject({
      name: 'Free',
      connectionsMax: 1,
      batchItemsMax: 500,
    });
  });

  it('are named by credentials', () => {
    expect(readConfigFile(credential('Pro'), 'facet.toml').credentials[0]?.principal.plan).toBe(PLANS[1]);
    expect(fault(credential('pro'))).toContain('names no plan: "pro"');
    expect(fault(credential('pro'))).toContain('Pro');
  });

  it.each([
    ['[[plans]]\nname = "X"', 'plans[1] in facet.toml (X) needs storage_bytes_max, or based_on'],
    ['[[plans]]\nname = "X"\nbased_on = "Gold"', 'names no plan: "Gold"'],
    ['[[plans]]\nname = ""', 'needs a name'],
    ['[[plans]]\nname = "X"\nbased_on = "Free"\nstorage_max = 1', "unknown field 'storage_max'"],
    ['[[plans]]\nname = "X"\nbased_on = "Free"\nconnections_max = 0', 'connections_max of plans[1]'],
    ['[[plans]]\nname = "X"\nbased_on = "Free"\nttl_ms_max = "long"', 'ttl_ms_max of plans[1]'],
    [
      '[[plans]]\nname = "X"\nbased_on = "Free"\nbatch_items_max = "unlimited"',
      'batch_items_max of plans[1]',
    ],
    [`[[plans]]${complete}[[plans]]${complete}`, 'plans[2] in facet.toml has the name of another: Team'],
    ['[plans]\nname = "X"', 'must be tables'],
  ])('%j is refused', (text, message) => {
    expect(fault(text)).toContain(message);
  });
});
