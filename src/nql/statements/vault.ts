/** VAULT: encrypted values, who may read them, and who did. */
import { LIMITS } from '../../base/index.ts';
import type { Form } from '../form.ts';
import { choose, readClauses } from '../syntax/clauses.ts';
import { type Key, key } from '../syntax/names.ts';
import { limitClause } from '../syntax/paging.ts';
import type { Reader } from '../syntax/reader.ts';
import { textValue } from '../syntax/values.ts';

export interface VaultWrite {
  readonly kind: 'vault-set' | 'vault-rotate';
  readonly key: Key;
  readonly value: string;
}

export interface VaultByKey {
  readonly kind: 'vault-get' | 'vault-delete';
  readonly key: Key;
}

export interface VaultList {
  readonly kind: 'vault-list';
  /** `*` stands for any characters. */
  readonly pattern: string;
}

export interface VaultAccess {
  readonly kind: 'vault-grant' | 'vault-revoke';
  /** Whose access it is. */
  readonly entity: Key;
  readonly key: Key;
}

export interface VaultAudit {
  readonly kind: 'vault-audit';
  /** Undefined: of all secrets. */
  readonly key: Key | undefined;
  readonly limit: number;
}

export interface VaultReseal {
  readonly kind: 'vault-reseal';
}

export type VaultStatement = VaultWrite | VaultByKey | VaultList | VaultAccess | VaultAudit | VaultReseal;

const SECRET = 'the key of a secret';

export const vaultStatement = (reader: Reader): VaultStatement =>
  choose<VaultStatement>(reader, {
    SET: () => write(reader, 'vault-set'),
    GET: () => ({ kind: 'vault-get', key: key(reader, SECRET) }),
    DELETE: () => ({ kind: 'vault-delete', key: key(reader, SECRET) }),
    LIST: () => {
      const isTold = !reader.isAtEnd && !reader.is(';');
      return { kind: 'vault-list', pattern: isTold ? key(reader, 'a pattern in quotes').text : '*' };
    },
    ROTATE: () => write(reader, 'vault-rotate'),
    GRANT: () => access(reader, 'vault-grant'),
    REVOKE: () => access(reader, 'vault-revoke'),
    AUDIT: () => audit(reader),
    RESEAL: () => ({ kind: 'vault-reseal' }),
  });

function write(reader: Reader, kind: VaultWrite['kind']): VaultWrite {
  const under = key(reader, SECRET);
  return { kind, key: under, value: textValue(reader, 'a value') };
}

function access(reader: Reader, kind: VaultAccess['kind']): VaultAccess {
  const entity = key(reader, 'who');
  reader.expectWord('ON');
  return { kind, entity, key: key(reader, SECRET) };
}

function audit(reader: Reader): VaultAudit {
  const isTold = !reader.isAtEnd && !reader.is(';') && !reader.isWord('LIMIT');
  const of = isTold ? key(reader, SECRET) : undefined;
  let limit: number = LIMITS.nqlFindLimitDefault;
  readClauses(reader, [
    limitClause(reader, (found) => {
      limit = found;
    }),
  ]);
  return { kind: 'vault-audit', key: of, limit };
}

const DOCK = "VAULT SET 'dock_code' '4711'";

export const VAULT_FORMS = [
  {
    name: 'VAULT SET',
    kind: 'vault-set',
    syntax: 'VAULT SET key value',
    summary: 'Encrypts a value and stores it.',
    examples: [{ statement: DOCK }],
  },
  {
    name: 'VAULT GET',
    kind: 'vault-get',
    syntax: 'VAULT GET key',
    summary: 'Answers a value to those who may read it.',
    examples: [{ setup: [DOCK], statement: "VAULT GET 'dock_code'" }],
  },
  {
    name: 'VAULT ROTATE',
    kind: 'vault-rotate',
    syntax: 'VAULT ROTATE key value',
    summary: 'Replaces a value that is there; who may read it stays.',
    examples: [{ setup: [DOCK], statement: "VAULT ROTATE 'dock_code' '0815'" }],
  },
  {
    name: 'VAULT DELETE',
    kind: 'vault-delete',
    syntax: 'VAULT DELETE key',
    summary: 'Removes a value.',
    examples: [{ setup: [DOCK], statement: "VAULT DELETE 'dock_code'" }],
  },
  {
    name: 'VAULT LIST',
    kind: 'vault-list',
    syntax: 'VAULT LIST [pattern]',
    summary: 'Answers the keys of the values that the caller may read. `*` stands for any characters.',
    examples: [{ setup: [DOCK], statement: "VAULT LIST 'dock_*'" }],
  },
  {
    name: 'VAULT GRANT',
    kind: 'vault-grant',
    syntax: 'VAULT GRANT entity ON key',
    summary: 'Lets somebody read a value.',
    examples: [{ setup: [DOCK], statement: "VAULT GRANT 'user:bo' ON 'dock_code'" }],
  },
  {
    name: 'VAULT REVOKE',
    kind: 'vault-revoke',
    syntax: 'VAULT REVOKE entity ON key',
    summary: 'Takes that back.',
    examples: [
      {
        setup: [DOCK, "VAULT GRANT 'user:bo' ON 'dock_code'"],
        statement: "VAULT REVOKE 'user:bo' ON 'dock_code'",
      },
    ],
  },
  {
    name: 'VAULT AUDIT',
    kind: 'vault-audit',
    syntax: 'VAULT AUDIT [key] [LIMIT n]',
    summary:
      'Answers who did what with the values, or with one of them, and how it ended: the newest first, 100 unless LIMIT says another number. `genuine` is false of an entry that something else than the vault has written. Needs the role admin.',
    examples: [{ setup: [DOCK, "VAULT GET 'dock_code'"], statement: "VAULT AUDIT 'dock_code' LIMIT 5" }],
  },
  {
    name: 'VAULT RESEAL',
    kind: 'vault-reseal',
    syntax: 'VAULT RESEAL',
    summary:
      'Encrypts anew, with the first key of the key file, up to 500 values that an earlier key has encrypted. Needs the role admin.',
    examples: [{ setup: [DOCK], statement: 'VAULT RESEAL' }],
  },
] as const satisfies readonly Form[];
