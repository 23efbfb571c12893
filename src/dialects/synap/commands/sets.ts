/** Commands on sets. Members are JSON values. */
import * as models from '../../../models/index.ts';
import { type Command, command, json } from '../command.ts';
import type { Fields } from '../fields.ts';
import { statsCommand } from './collection-stats.ts';
import { countOf, missing } from './lists.ts';

const key = (fields: Fields) => ({ key: fields.string('key') });

const members = (fields: Fields): string[] =>
  fields.has('members') ? fields.jsons('members') : [fields.json('members', 'member')];

/** `key` is left out where a command names several. */
const membersText = (membersJson: readonly string[], fields: Fields): string =>
  `{"members":[${membersJson.join(',')}],"count":${membersJson.length}${
    fields.has('key') ? `,"key":${json(fields.string('key'))}` : ''
  }}`;

const add = command(models.setAdd, {
  gathers: true,
  read: (fields) => ({ ...key(fields), membersJson: members(fields) }),
  write: ({ added }, fields) => json({ added, ...key(fields) }),
});

const rem = command(models.setRem, {
  gathers: true,
  read: (fields) => ({ ...key(fields), membersJson: members(fields) }),
  write: ({ exists, removed }, fields) => (exists ? json({ removed, ...key(fields) }) : missing(fields)),
});

const ismember = command(models.setIsmember, {
  aliases: ['set.is_member'],
  read: (fields) => ({ ...key(fields), memberJson: fields.json('member') }),
  write: ({ exists, isMember }, fields) =>
    exists ? json({ is_member: isMember, ...key(fields) }) : missing(fields),
});

const all = command(models.setMembers, {
  read: key,
  write: ({ exists, membersJson }, fields) => (exists ? membersText(membersJson, fields) : missing(fields)),
});

const card = command(models.setCard, {
  aliases: ['set.size'],
  read: key,
  write: ({ exists, count }, fields) =>
    exists ? json({ size: count, cardinality: count, count, ...key(fields) }) : missing(fields),
});

const draw = (operation: typeof models.setPop, aliases: readonly string[] = []) =>
  command(operation, {
    aliases,
    read: (fields) => ({ ...key(fields), ...countOf(fields) }),
    write: ({ exists, membersJson }, fields) => (exists ? membersText(membersJson, fields) : missing(fields)),
  });

const move = command(models.setMove, {
  read: (fields) => ({
    source: fields.string('source'),
    destination: fields.string('destination'),
    memberJson: fields.json('member'),
  }),
  write: ({ moved }, fields) =>
    json({ moved, source: fields.string('source'), destination: fields.string('destination') }),
});

const combine = (operation: typeof models.setInter) =>
  command(operation, {
    read: (fields) => ({ keys: fields.strings('keys') }),
    write: ({ membersJson }, fields) => membersText(membersJson, fields),
  });

const store = (operation: typeof models.setInterstore) =>
  command(operation, {
    read: (fields) => ({ destination: fields.string('destination'), keys: fields.strings('keys') }),
    write: ({ count }, fields) =>
      json({ cardinality: count, count, destination: fields.string('destination') }),
  });

const stats = statsCommand(models.setStats, {
  keys: 'total_sets',
  elements: 'total_members',
  prefix: 's',
  verbs: ['add', 'rem', 'ismember', 'members', 'card', 'pop', 'randmember', 'move', 'inter', 'union', 'diff'],
});

export const SET_COMMANDS: readonly Command[] = [
  add,
  rem,
  ismember,
  all,
  card,
  draw(models.setPop),
  draw(models.setRandmember, ['set.rand_member']),
  move,
  combine(models.setInter),
  combine(models.setUnion),
  combine(models.setDiff),
  store(models.setInterstore),
  store(models.setUnionstore),
  store(models.setDiffstore),
  stats,
];
