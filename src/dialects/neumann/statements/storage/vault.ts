/** VAULT: encrypted values. Who may do what with one is decided by the vault. */
import { LIMITS } from '../../../../base/index.ts';
import {
  vaultDelete,
  vaultGet,
  vaultGrant,
  vaultList,
  vaultReseal,
  vaultRevoke,
  vaultRotate,
  vaultSet,
} from '../../../../models/index.ts';
import type { StatementOf } from '../../../../nql/index.ts';
import type { Result } from '../../result.ts';
import type { Runners, StatementCall } from '../../statement-call.ts';
import { ask, EMPTY, valueResult } from './answers.ts';
import { AUDIT_RUNNER } from './vault-audit.ts';

type Write = StatementOf<'vault-set' | 'vault-rotate'>;
type ByKey = StatementOf<'vault-get' | 'vault-delete'>;
type Access = StatementOf<'vault-grant' | 'vault-revoke'>;

/** All pages: names are short, and a vault has no more than some thousand. */
async function list({ pattern }: StatementOf<'vault-list'>, call: StatementCall): Promise<Result> {
  const names: string[] = [];
  let after: string | undefined;
  do {
    const page = { pattern, limit: LIMITS.vaultListMax, ...(after === undefined ? {} : { after }) };
    const { secrets, next } = await ask(call, vaultList, page);
    names.push(...secrets.map(({ name }) => name));
    after = next;
  } while (after !== undefined);
  return valueResult(names.join('\n'));
}

export const VAULT_RUNNERS = {
  'vault-set': {
    answers: () => 'empty',
    run: async ({ key, value }: Write, call) => {
      await ask(call, vaultSet, { name: key.text, value });
      return EMPTY;
    },
  },
  'vault-rotate': {
    answers: () => 'empty',
    run: async ({ key, value }: Write, call) => {
      await ask(call, vaultRotate, { name: key.text, value });
      return EMPTY;
    },
  },
  'vault-get': {
    answers: () => 'value',
    run: async ({ key }: ByKey, call) => valueResult((await ask(call, vaultGet, { name: key.text })).value),
  },
  'vault-delete': {
    answers: () => 'empty',
    run: async ({ key }: ByKey, call) => {
      await ask(call, vaultDelete, { name: key.text });
      return EMPTY;
    },
  },
  'vault-list': { answers: () => 'value', run: list },
  'vault-grant': {
    answers: () => 'empty',
    run: async ({ entity, key }: Access, call) => {
      await ask(call, vaultGrant, { name: key.text, identity: entity.text });
      return EMPTY;
    },
  },
  'vault-revoke': {
    answers: () => 'empty',
    run: async ({ entity, key }: Access, call) => {
      await ask(call, vaultRevoke, { name: key.text, identity: entity.text });
      return EMPTY;
    },
  },
  'vault-audit': AUDIT_RUNNER,
  'vault-reseal': {
    answers: () => 'value',
    run: async (_, call) => {
      const { resealed, left } = await ask(call, vaultReseal, {});
      return valueResult(`Resealed ${resealed} values, ${left} left`);
    },
  },
} as const satisfies Runners<
  | 'vault-set'
  | 'vault-rotate'
  | 'vault-get'
  | 'vault-delete'
  | 'vault-list'
  | 'vault-grant'
  | 'vault-revoke'
  | 'vault-audit'
  | 'vault-reseal'
>;
