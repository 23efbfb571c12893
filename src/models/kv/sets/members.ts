/** Members of one set: adding and asking by batches, everything else by one statement. */
import type { FacetError } from '../../../base/index.ts';
import { arrayLiteral, type Cell, statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import {
  answered,
  boundedRead,
  calledBatch,
  canonicalJson,
  readElements,
  sizeOf,
  textsOf,
} from '../collection.ts';
import { checkCount, kindName, type StoredKey, storedKey, wrongType } from '../entry.ts';
import { type BatchKind, keyspaceOf } from '../keyspace.ts';
import type {
  AddResult,
  CardResult,
  DrawInput,
  IsMemberResult,
  ManyMembers,
  MembersResult,
  MoveInput,
  MoveResult,
  OneKey,
  OneMember,
  RemResult,
} from './schemas.ts';

interface MemberItem {
  readonly stored: StoredKey;
  readonly member: string;
}

const ADDS = calledBatch<MemberItem, AddResult>({
  name: 'set.add',
  call: 'kv.sadd(k, long_k, ARRAY[member])',
  columns: [['member', 'text']],
  cells: ({ member }) => [member],
  wanted: 'set',
  result: ([added]) => ({ added: Number(added) }),
});

const ADD = statement('set.add_many', 'SELECT kv.sadd($1, $2, $3::text[])');
const REM = statement(
  'set.rem',
  'SELECT h.status, CASE WHEN h.status = 1 THEN kv.srem($1, $2::text[]) ELSE 0 END FROM kv.hold($1, 4) AS h',
);
const POP = statement('set.pop', 'SELECT * FROM kv.spop($1, $2::bigint)');
const MOVE = statement('set.move', 'SELECT kv.smove($1, $2, $3, $4, $5)');

const IS_MEMBER = statement(
  'set.ismember',
  `SELECT given.n, e.kind, m.entry_id IS NOT NULL
   FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS given (k, member, n)
   JOIN kv.entry AS e ON e.key = given.k AND kv.live(e.expires_at)
   LEFT JOIN kv.set_member AS m
     ON m.entry_id = e.id AND kv.element_key(m.member) COLLATE "C" = kv.element_key(given.member)`,
);

const QUESTIONS: BatchKind<MemberItem, IsMemberResult> = {
  name: 'set.ismember',
  reads: true,
  bytesOf: ({ member }) => member.length,
  mergeable: () => true,
  run: async (run, items) => {
    const keys = arrayLiteral(items.map(({ stored }) => stored.key));
    const { rows } = await run(IS_MEMBER, [keys, arrayLiteral(items.map(({ member }) => member))]);
    const found = new Map(rows.map((row) => [Number(row[0]), row]));
    return items.map(({ stored }, n) => answerOf(stored, found.get(n + 1)));
  },
};

function answerOf(stored: StoredKey, row: readonly Cell[] | undefined): IsMemberResult | FacetError {
  if (row === undefined) return { exists: false, isMember: false };
  const found = kindName(row[1]);
  if (found !== 'set') return wrongType(stored.longKey ?? stored.key, found, 'set');
  return { exists: true, isMember: row[2] === 't' };
}

const MEMBERS = boundedRead(
  'set.members',
  'member',
  'octet_length(member)',
  'SELECT m.member FROM e JOIN kv.set_member AS m ON m.entry_id = e.id',
);
const RANDOM = boundedRead(
  'set.randmember',
  'member',
  'octet_length(member)',
  'SELECT r.member FROM e CROSS JOIN LATERAL kv.random_members(e.id, e.size, $2::bigint) AS r (member)',
);

/** @throws INVALID_PARAMETER, LIMIT_EXCEEDED, VALUE_TOO_LARGE, WRONG_TYPE */
export async function add(context: OperationContext, input: ManyMembers): Promise<AddResult> {
  checkCount(input.membersJson.length, 'members');
  const stored = storedKey(input.key);
  const members = input.membersJson.map(canonicalJson);
  const space = keyspaceOf(context.database);
  const [only] = members;
  if (members.length === 1 && only !== undefined)
    return space.submit(context, ADDS, { stored, member: only });
  const parameters = [stored.key, stored.longKey, arrayLiteral(members)];
  const { rows } = await space.runElements(context, stored, members.length, ADD, parameters);
  return { added: Number(answered(rows, stored, 'set')[0]) };
}

/** @throws as `add` */
export async function rem(context: OperationContext, input: ManyMembers): Promise<RemResult> {
  checkCount(input.membersJson.length, 'members');
  const stored = storedKey(input.key);
  const members = input.membersJson.map(canonicalJson);
  const space = keyspaceOf(context.database);
  const parameters = [stored.key, arrayLiteral(members)];
  const { rows } = await space.runElements(context, stored, members.length, REM, parameters);
  const [status, removed] = answered(rows, stored, 'set');
  return { exists: status === '1', removed: Number(removed) };
}

/** @throws INVALID_PARAMETER, WRONG_TYPE */
export async function ismember(context: OperationContext, input: OneMember): Promise<IsMemberResult> {
  const item = { stored: storedKey(input.key), member: canonicalJson(input.memberJson) };
  return keyspaceOf(context.database).submit(context, QUESTIONS, item);
}

const membersOf = ({ exists, rows }: Awaited<ReturnType<typeof readElements>>): MembersResult => ({
  exists,
  membersJson: rows.map(([member]) => member ?? ''),
});

/** In no particular order. @throws INVALID_PARAMETER, WRONG_TYPE, RESULT_TOO_LARGE */
export async function members(context: OperationContext, { key }: OneKey): Promise<MembersResult> {
  return membersOf(await readElements(context, MEMBERS, storedKey(key), 'set'));
}

/** Different members, drawn by lot; they stay. @throws as `members` */
export async function randmember(context: OperationContext, input: DrawInput): Promise<MembersResult> {
  const count = [String(input.count ?? 1)];
  return membersOf(await readElements(context, RANDOM, storedKey(input.key), 'set', count));
}

/** @throws INVALID_PARAMETER, WRONG_TYPE */
export async function card(context: OperationContext, { key }: OneKey): Promise<CardResult> {
  const { exists, size } = await sizeOf(context, storedKey(key), 'set');
  return { exists, count: size };
}

/** Takes members, drawn by lot. @throws INVALID_PARAMETER, LIMIT_EXCEEDED, WRONG_TYPE */
export async function pop(context: OperationContext, { key, count = 1 }: DrawInput): Promise<MembersResult> {
  if (count > 0) checkCount(count, 'members');
  const stored = storedKey(key);
  const { rows } = await keyspaceOf(context.database).runElements(context, stored, count, POP, [
    stored.key,
    String(count),
  ]);
  const [status, popped] = answered(rows, stored, 'set');
  return { exists: status === '1', membersJson: [...textsOf(popped)] };
}

/** @throws INVALID_PARAMETER, VALUE_TOO_LARGE, WRONG_TYPE of either key */
export async function move(context: OperationContext, input: MoveInput): Promise<MoveResult> {
  const source = storedKey(input.source);
  const target = storedKey(input.destination);
  const member = canonicalJson(input.memberJson);
  const parameters = [source.key, source.longKey, target.key, target.longKey, member];
  const { rows } = await keyspaceOf(context.database).run(context, [source, target], MOVE, parameters);
  return { moved: answered(rows, source, 'set')[0] === '1' };
}
