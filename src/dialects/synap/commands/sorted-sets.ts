/** Commands on sorted sets. Members are texts; a member that is another JSON value is its JSON text. */
import { ExactNumber, FacetError, type Json } from '../../../base/index.ts';
import * as models from '../../../models/index.ts';
import { type Command, command, json } from '../command.ts';
import { Fields, jsonText } from '../fields.ts';
import { statsCommand } from './collection-stats.ts';
import { countOf, rangeOf } from './lists.ts';

const key = (fields: Fields) => ({ key: fields.string('key') });

const memberText = (value: Json): string => (typeof value === 'string' ? value : jsonText(value));

const member = (fields: Fields, name = 'member'): string =>
  fields.optionalString(name) ?? memberText(fields.optional(name) ?? fields.string(name));

const INFINITIES: Readonly<Record<string, number>> = {
  inf: Number.POSITIVE_INFINITY,
  '+inf': Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  '-infinity': Number.NEGATIVE_INFINITY,
};

/** A number, or an infinity by its name: JSON has none. @throws INVALID_PARAMETER for NaN and what is no number */
function scoreOf(value: Json | undefined, name: string): number {
  if (value === undefined) throw new FacetError('MISSING_PARAMETER', `'${name}' is required`);
  if (typeof value === 'number') return value;
  if (value instanceof ExactNumber) return finite(Number(value.text), name);
  if (typeof value === 'string') {
    const named = INFINITIES[value.toLowerCase()];
    if (named !== undefined) return named;
    if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(value)) return finite(Number(value), name);
  }
  throw new FacetError('INVALID_PARAMETER', `'${name}' must be a number`);
}

function finite(score: number, name: string): number {
  if (Number.isFinite(score)) return score;
  throw new FacetError('INVALID_PARAMETER', `'${name}' is larger than a double holds`);
}

const score = (fields: Fields, ...names: string[]): number =>
  scoreOf(fields.optional(...names), names[0] ?? '');

/** JSON text: infinities as `"inf"` and `"-inf"`, which are read back. */
const scoreText = (value: number | null): string => {
  if (value === null || Number.isFinite(value)) return String(value);
  return value > 0 ? '"inf"' : '"-inf"';
};

/** One bare member, objects `{member, score}`, or members and scores in two arrays. */
function scoredOf(fields: Fields) {
  const given = fields.optionalArray('members');
  if (given === undefined) return [{ member: member(fields), score: score(fields, 'score') }];
  const scores = fields.optionalArray('scores');
  if (scores !== undefined && scores.length !== given.length) {
    throw new FacetError('INVALID_PARAMETER', "'scores' must have as many items as 'members'");
  }
  return given.map((item, at) => {
    if (scores !== undefined) {
      return { member: memberText(item), score: scoreOf(scores[at], `scores[${at}]`) };
    }
    const one = Fields.of(item, `'members[${at}]'`);
    return { member: member(one), score: score(one, 'score') };
  });
}

const zadd = command(models.sortedsetZadd, {
  gathers: true,
  read: (fields) => ({
    ...key(fields),
    members: scoredOf(fields),
    ...Object.fromEntries(
      ['nx', 'xx', 'gt', 'lt', 'incr'].filter((flag) => fields.flag(flag)).map((flag) => [flag, true]),
    ),
  }),
  write: (output, fields) => {
    const changed = fields.flag('ch') ? output.added + output.changed : output.changed;
    const now = fields.flag('incr') ? `,"score":${scoreText(output.score)}` : '';
    return `{"added":${output.added},"changed":${changed},"key":${json(fields.string('key'))}${now}}`;
  },
});

const members = (fields: Fields): string[] =>
  fields.has('members') ? fields.array('members').map(memberText) : [member(fields)];

const zrem = command(models.sortedsetZrem, {
  gathers: true,
  read: (fields) => ({ ...key(fields), members: members(fields) }),
  write: ({ removed }, fields) => json({ removed, ...key(fields) }),
});

const ofMember = (fields: Fields): string =>
  `"key":${json(fields.string('key'))},"member":${json(member(fields))}`;

const zscore = command(models.sortedsetZscore, {
  gathers: true,
  read: (fields) => ({ ...key(fields), member: member(fields) }),
  write: (output, fields) => `{"score":${scoreText(output.score)},${ofMember(fields)}}`,
});

const zmscore = command(models.sortedsetZmscore, {
  read: (fields) => ({ ...key(fields), members: members(fields) }),
  write: ({ scores }, fields) =>
    `{"scores":[${scores.map(scoreText).join(',')}],"key":${json(fields.string('key'))}}`,
});

const zcard = command(models.sortedsetZcard, {
  read: key,
  write: ({ count }, fields) => json({ count, ...key(fields) }),
});

const zincrby = command(models.sortedsetZincrby, {
  gathers: true,
  read: (fields) => ({
    ...key(fields),
    member: member(fields),
    amount: score(fields, 'increment', 'amount', 'score'),
  }),
  write: (output, fields) => `{"score":${scoreText(output.score)},${ofMember(fields)}}`,
});

type Scored = { readonly member: string; readonly score: number };

const scoredText = (list: readonly Scored[]): string =>
  `[${list.map((each) => `{"member":${json(each.member)},"score":${scoreText(each.score)}}`).join(',')}]`;

/** Members with their scores, which clients of either generation read; `count` for those that pop. */
const membersText = (list: readonly Scored[], fields: Fields): string =>
  `{"members":${scoredText(list)},"count":${list.length},"key":${json(fields.string('key'))}}`;

const range = (operation: typeof models.sortedsetZrange) =>
  command(operation, {
    read: (fields) => ({ ...key(fields), ...rangeOf(fields) }),
    write: (output, fields) => membersText(output.members, fields),
  });

const rank = (operation: typeof models.sortedsetZrank) =>
  command(operation, {
    read: (fields) => ({ ...key(fields), member: member(fields) }),
    write: (output, fields) => `{"rank":${output.rank},${ofMember(fields)}}`,
  });

/** `(1.5` leaves the bound itself out, as in Redis. */
function bounds(fields: Fields) {
  const side = (name: 'min' | 'max') => {
    const given = fields.optional(name);
    if (given === undefined) return {};
    const exclusive = typeof given === 'string' && given.startsWith('(');
    const value = scoreOf(exclusive ? (given as string).slice(1) : given, name);
    return { [name]: value, ...(exclusive ? { [`${name}Exclusive`]: true } : {}) };
  };
  return { ...key(fields), ...side('min'), ...side('max') };
}

const zcount = command(models.sortedsetZcount, {
  read: bounds,
  write: ({ count }, fields) => json({ count, ...key(fields) }),
});

const zrangebyscore = command(models.sortedsetZrangebyscore, {
  read: (fields) => {
    const offset = fields.optionalInteger('offset');
    const count = fields.optionalInteger('count', 'limit');
    return {
      ...bounds(fields),
      ...(offset === undefined ? {} : { offset }),
      ...(count === undefined ? {} : { count }),
    };
  },
  write: (output, fields) => membersText(output.members, fields),
});

const pop = (operation: typeof models.sortedsetZpopmin) =>
  command(operation, {
    read: (fields) => ({ ...key(fields), ...countOf(fields) }),
    write: (output, fields) => membersText(output.members, fields),
  });

const removedText = ({ removed }: { readonly removed: number }, fields: Fields): string =>
  json({ removed, ...key(fields) });

const zremrangebyrank = command(models.sortedsetZremrangebyrank, {
  read: (fields) => ({ ...key(fields), start: fields.integer('start'), stop: fields.integer('stop') }),
  write: removedText,
});

const zremrangebyscore = command(models.sortedsetZremrangebyscore, { read: bounds, write: removedText });

const storedText = ({ count }: { readonly count: number }, fields: Fields): string =>
  json({ count, destination: fields.string('destination') });

const store = (operation: typeof models.sortedsetZunionstore) =>
  command(operation, {
    read: (fields) => {
      const weights = fields.optionalArray('weights')?.map((item, at) => scoreOf(item, `weights[${at}]`));
      const aggregate = fields.optionalWord(['sum', 'min', 'max'], 'aggregate');
      return {
        destination: fields.string('destination'),
        keys: fields.strings('keys'),
        ...(weights === undefined ? {} : { weights }),
        ...(aggregate === undefined ? {} : { aggregate }),
      };
    },
    write: storedText,
  });

const zdiffstore = command(models.sortedsetZdiffstore, {
  read: (fields) => ({ destination: fields.string('destination'), keys: fields.strings('keys') }),
  write: storedText,
});

const stats = statsCommand(models.sortedsetStats, {
  keys: 'total_keys',
  elements: 'total_members',
  prefix: '',
  verbs: ['zadd', 'zrem', 'zrange'],
});

export const SORTED_SET_COMMANDS: readonly Command[] = [
  zadd,
  zrem,
  zscore,
  zmscore,
  zcard,
  zincrby,
  range(models.sortedsetZrange),
  range(models.sortedsetZrevrange),
  rank(models.sortedsetZrank),
  rank(models.sortedsetZrevrank),
  zcount,
  zrangebyscore,
  pop(models.sortedsetZpopmin),
  pop(models.sortedsetZpopmax),
  zremrangebyrank,
  zremrangebyscore,
  store(models.sortedsetZinterstore),
  store(models.sortedsetZunionstore),
  zdiffstore,
  stats,
];
