/** Commands on lists. Popping from a list that is not there is an error; reading it is not. */
import { FacetError } from '../../../base/index.ts';
import * as models from '../../../models/index.ts';
import { type Command, command, json } from '../command.ts';
import type { Fields } from '../fields.ts';
import { statsCommand } from './collection-stats.ts';

const key = (fields: Fields) => ({ key: fields.string('key') });

/** What a command on something that is not there answers. */
export function missing(fields: Fields): never {
  throw new FacetError('KEY_NOT_FOUND', `Key not found: ${fields.string('key', 'source').slice(0, 100)}`);
}

const valuesText = (valuesJson: readonly string[], fields: Fields): string =>
  `{"values":[${valuesJson.join(',')}],"key":${json(fields.string('key'))}}`;

const lengthText = ({ length }: { readonly length: number }, fields: Fields): string =>
  json({ length, ...key(fields) });

/** One value, or several. */
const values = (fields: Fields): string[] =>
  fields.has('values') ? fields.jsons('values') : [fields.json('values', 'value')];

const push = (operation: typeof models.listLpush) =>
  command(operation, {
    gathers: true,
    read: (fields) => ({ ...key(fields), valuesJson: values(fields) }),
    write: lengthText,
  });

export const countOf = (fields: Fields): { readonly count?: number } => {
  const count = fields.optionalInteger('count');
  return count === undefined ? {} : { count };
};

const pop = (operation: typeof models.listLpop) =>
  command(operation, {
    read: (fields) => ({ ...key(fields), ...countOf(fields) }),
    write: ({ exists, valuesJson }, fields) => (exists ? valuesText(valuesJson, fields) : missing(fields)),
  });

/** First and last, inclusive. */
export function rangeOf(fields: Fields): { readonly start?: number; readonly stop?: number } {
  const start = fields.optionalInteger('start');
  const stop = fields.optionalInteger('stop');
  return { ...(start === undefined ? {} : { start }), ...(stop === undefined ? {} : { stop }) };
}

const lrange = command(models.listLrange, {
  aliases: ['list.range'],
  read: (fields) => ({ ...key(fields), ...rangeOf(fields) }),
  write: ({ valuesJson }, fields) => valuesText(valuesJson, fields),
});

const llen = command(models.listLlen, { aliases: ['list.len'], read: key, write: lengthText });

const lindex = command(models.listLindex, {
  aliases: ['list.index'],
  read: (fields) => ({ ...key(fields), index: fields.integer('index') }),
  write: ({ valueJson }, fields) =>
    `{"value":${valueJson ?? 'null'},"key":${json(fields.string('key'))},"index":${fields.integer('index')}}`,
});

const lset = command(models.listLset, {
  aliases: ['list.set'],
  read: (fields) => ({ ...key(fields), index: fields.integer('index'), valueJson: fields.json('value') }),
  write: ({ exists }, fields) =>
    exists ? json({ success: true, ...key(fields), index: fields.integer('index') }) : missing(fields),
});

const ltrim = command(models.listLtrim, {
  aliases: ['list.trim'],
  read: (fields) => ({ ...key(fields), ...rangeOf(fields) }),
  write: (_output, fields) => json({ success: true, ...key(fields) }),
});

const lrem = command(models.listLrem, {
  aliases: ['list.rem'],
  read: (fields) => ({
    ...key(fields),
    count: fields.optionalInteger('count') ?? 0,
    valueJson: fields.json('value', 'element'),
  }),
  write: ({ removed }, fields) => json({ removed, ...key(fields) }),
});

const linsert = command(models.listLinsert, {
  aliases: ['list.insert'],
  read: (fields) => ({
    ...key(fields),
    before:
      (fields.optionalWord(['before', 'after'], 'position') ?? 'before') === 'before'
        ? (fields.optionalBoolean('before') ?? true)
        : false,
    pivotJson: fields.json('pivot'),
    valueJson: fields.json('value'),
  }),
  write: ({ inserted, length }, fields) => {
    if (!inserted) throw new FacetError('KEY_NOT_FOUND', 'The list, or the pivot in it, was not found');
    return json({ length, ...key(fields) });
  },
});

const lpos = command(models.listLpos, {
  aliases: ['list.pos'],
  read: (fields) => {
    const rank = fields.optionalInteger('rank');
    return {
      ...key(fields),
      valueJson: fields.json('value', 'element'),
      // 0 is what clients send for the first.
      ...(rank === undefined || rank === 0 ? {} : { rank }),
    };
  },
  write: ({ position }, fields) => json({ position, ...key(fields) }),
});

const ends = (fields: Fields) => ({
  source: fields.string('source'),
  destination: fields.string('destination'),
});

const rpoplpush = command(models.listRpoplpush, {
  read: ends,
  write: ({ exists, valueJson }, fields) => {
    if (!exists) return missing(fields);
    const { source, destination } = ends(fields);
    return `{"value":${valueJson ?? 'null'},"source":${json(source)},"destination":${json(destination)}}`;
  },
});

const stats = statsCommand(models.listStats, {
  keys: 'total_lists',
  elements: 'total_elements',
  prefix: '',
  verbs: [
    'lpush',
    'rpush',
    'lpop',
    'rpop',
    'lrange',
    'llen',
    'lindex',
    'lset',
    'ltrim',
    'lrem',
    'linsert',
    'rpoplpush',
  ],
});

export const LIST_COMMANDS: readonly Command[] = [
  push(models.listLpush),
  push(models.listRpush),
  push(models.listLpushx),
  push(models.listRpushx),
  pop(models.listLpop),
  pop(models.listRpop),
  lrange,
  llen,
  lindex,
  lset,
  ltrim,
  lrem,
  linsert,
  lpos,
  rpoplpush,
  stats,
];
