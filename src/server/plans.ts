/**
 * Plans as an operator writes them in facet.toml (`[[plans]]`), or a hub sends them: fields to checked values. What
 * plans mean is base/plan.ts.
 */
import { didYouMean, FacetError, PLANS, type Plan } from '../base/index.ts';
import { optionValue } from './option-values.ts';
import type { OptionRow } from './options.ts';

type Limit = Exclude<keyof Plan, 'name'>;
type Fields = Readonly<Record<string, unknown>>;

/** Each field of a table, which limit it is, and how it is read. */
const LIMIT_FIELDS: readonly (readonly [field: string, limit: Limit, type: OptionRow['type']])[] = [
  ['storage_bytes_max', 'storageBytesMax', 'bytes'],
  ['operations_per_month_max', 'operationsPerMonthMax', 'integer'],
  ['connections_max', 'connectionsMax', 'integer'],
  ['ttl_ms_max', 'ttlMsMax', 'duration'],
  ['payload_bytes_max', 'payloadBytesMax', 'bytes'],
  ['batch_items_max', 'batchItemsMax', 'integer'],
  ['requests_per_second_max', 'requestsPerSecondMax', 'integer'],
];

const FIELDS = ['name', 'based_on', ...LIMIT_FIELDS.map(([field]) => field)];
/** More than anybody sells; each is looked through by name. */
const PLANS_MAX = 1_000;

/** The plans that everyone knows, and those of `value`, which come first. @throws CONFIG_INVALID */
export function parsePlans(value: unknown, file: string): readonly Plan[] {
  if (!Array.isArray(value)) {
    throw new FacetError('CONFIG_INVALID', `plans in ${file} must be tables`, {
      hint: 'Write each as [[plans]] with double brackets.',
    });
  }
  if (value.length > PLANS_MAX)
    throw new FacetError('CONFIG_INVALID', `More than ${PLANS_MAX} plans in ${file}`);
  const own: Plan[] = [];
  value.forEach((entry: unknown, index) => {
    const place = `plans[${index + 1}] in ${file}`;
    const plan = parsePlan(entry, place, [...own, ...PLANS]);
    if (own.some(({ name }) => name === plan.name))
      throw wrong(place, `has the name of another: ${plan.name}`);
    own.push(plan);
  });
  return [...own, ...PLANS];
}

/** @param known plans that `based_on` may name. @throws CONFIG_INVALID naming `place` and the field */
export function parsePlan(entry: unknown, place: string, known: readonly Plan[]): Plan {
  if (entry === null || typeof entry !== 'object' || Array.isArray(entry)) {
    throw wrong(place, 'must be a table');
  }
  const fields = entry as Fields;
  for (const field of Object.keys(fields)) {
    if (!FIELDS.includes(field))
      throw wrong(place, `has the unknown field '${field}'`, didYouMean(field, FIELDS));
  }
  const { name, based_on: basedOn } = fields;
  if (typeof name !== 'string' || !/^[A-Za-z0-9._ -]{1,64}$/.test(name)) {
    throw wrong(place, 'needs a name of 1 to 64 letters, digits, spaces or . _ -');
  }
  const base = basedOn === undefined ? undefined : planNamed(basedOn, known, `${place} (${name}): based_on`);
  const limits = new Map<Limit, number | null>();
  for (const [field, limit, type] of LIMIT_FIELDS) {
    const value = limitOf(fields[field], type, `${field} of ${place} (${name})`, limit);
    if (value !== undefined) limits.set(limit, value);
    else if (base !== undefined) limits.set(limit, base[limit]);
    else
      throw wrong(place, `(${name}) needs ${field}, or based_on with the name of a plan that has the rest`);
  }
  // The loop gave every limit a value, null only where that is allowed, which TypeScript cannot follow.
  return { name, ...Object.fromEntries(limits) } as unknown as Plan;
}

/** @throws CONFIG_INVALID when there is no such plan */
export function planNamed(name: unknown, known: readonly Plan[], place: string): Plan {
  const found = known.find((plan) => plan.name === name);
  if (found !== undefined) return found;
  const names = known.map((plan) => plan.name);
  throw wrong(
    place,
    `names no plan: ${JSON.stringify(name)}`,
    didYouMean(String(name), names) ?? `There are ${names.join(', ')}.`,
  );
}

/** The table of a plan, as `parsePlan` reads it. */
export function planLines(plan: Plan): string {
  const limits = LIMIT_FIELDS.map(([field, limit]) => `${field} = ${plan[limit] ?? '"unlimited"'}`);
  return ['[[plans]]', `name = ${JSON.stringify(plan.name)}`, ...limits].join('\n');
}

function limitOf(
  raw: unknown,
  type: OptionRow['type'],
  place: string,
  limit: Limit,
): number | null | undefined {
  if (raw === undefined) return undefined;
  if (limit === 'operationsPerMonthMax' && (raw === null || raw === 'unlimited')) return null;
  const row: OptionRow = {
    type,
    default: null,
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    group: 'Access',
    file: null,
    sentence: '',
  };
  return Number(optionValue(row, raw, place));
}

function wrong(place: string, complaint: string, hint?: string): FacetError {
  return new FacetError('CONFIG_INVALID', `${place} ${complaint}`, { hint });
}
