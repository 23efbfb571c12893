/** The text of changes: which columns of which rows, and values in the form of results. */
import { describe, expect, it } from 'vitest';
import type { RowChange, SubscribedTable } from '../../models/index.ts';
import { eventMembers, rowMembers } from './event-text.ts';

const TABLE: SubscribedTable = {
  schema: 'public',
  name: 'or"ders',
  columns: [
    { name: 'id', type: 'Int64', key: true },
    { name: 'to tal', type: 'Decimal', key: false },
    { name: 'note', type: 'Text', key: false },
  ],
};

const change = (given: Partial<RowChange>): RowChange => ({
  operation: 'update',
  table: TABLE,
  oldRow: ['1', '2.50', null],
  newRow: ['1', '3.50', null],
  changedColumns: [1],
  xid: 7,
  commitLsn: 0x1_0000_00ffn,
  sequence: 3,
  committedAtMs: 0,
  bytes: 1,
  ...given,
});

const PLAIN = { fullRows: false, oldRows: true };

describe('eventMembers', () => {
  it('has the key and what changed', () => {
    expect(`{${eventMembers(change({}), PLAIN)}}`).toBe(
      '{"table":"or\\"ders","operation":"update","old_row":{"id":1,"to tal":2.50},"new_row":{"id":1,"to tal":3.50},' +
        '"changed_columns":["to tal"],"lsn":"1/FF","timestamp":"1970-01-01T00:00:00.000Z","sequence":3}',
    );
  });

  it('has both keys when the key changed, and only the key when nothing did', () => {
    const moved = change({ newRow: ['2', '2.50', null], changedColumns: [0] });
    expect(rowMembers(moved, PLAIN)).toBe('"old_row":{"id":1},"new_row":{"id":2}');
    const same = change({ newRow: ['1', '2.50', null], changedColumns: [] });
    expect(eventMembers(same, PLAIN)).toContain('"old_row":{"id":1},"new_row":{"id":1},"changed_columns":[]');
  });

  it('has whole rows when asked, and where there is no key', () => {
    const whole = '"old_row":{"id":1,"to tal":2.50,"note":null},"new_row":{"id":1,"to tal":3.50,"note":null}';
    expect(rowMembers(change({}), { fullRows: true, oldRows: true })).toBe(whole);
    const keyless = { ...TABLE, columns: TABLE.columns.map((column) => ({ ...column, key: false })) };
    expect(rowMembers(change({ table: keyless }), PLAIN)).toBe(whole);
  });

  it('leaves out old rows where they are not wanted', () => {
    expect(rowMembers(change({}), { fullRows: false, oldRows: false })).toBe(
      '"new_row":{"id":1,"to tal":3.50}',
    );
    const deleted = change({ operation: 'delete', newRow: undefined, changedColumns: [] });
    expect(rowMembers(deleted, { fullRows: false, oldRows: false })).toBe(
      '"row":{"id":1,"to tal":2.50,"note":null}',
    );
  });

  it('names the schema where it is not public', () => {
    const table = { ...TABLE, schema: 'sales', name: 'orders' };
    const inserted = change({ operation: 'insert', table, oldRow: undefined, changedColumns: [] });
    expect(eventMembers(inserted, PLAIN)).toMatch(
      /^"table":"orders","schema":"sales","operation":"insert","row":\{"id":1,/,
    );
  });
});
