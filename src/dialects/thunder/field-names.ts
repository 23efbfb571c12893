/**
 * Field names between the wire (`timeout_ms`) and the operations (`timeoutMs`), by the operation's schema. Only keys
 * that the schema names are translated: keys of records and unknown fields keep their spelling, so that the schema
 * itself can refuse the latter. Plans are made once per route, not per request.
 */
import { z } from 'zod';
import { ExactNumber, FacetError } from '../../base/index.ts';

/** How to translate the keys of values of one schema; undefined where nothing in the value has a name. */
export interface FieldPlan {
  /** Wire name -> field. Empty for arrays, which only have elements. */
  readonly byWire: ReadonlyMap<string, Field>;
  readonly byName: ReadonlyMap<string, Field>;
  readonly element: FieldPlan | undefined;
}

interface Field {
  readonly name: string;
  readonly wire: string;
  readonly plan: FieldPlan | undefined;
  /** The schema wants a number: digits need not be kept, and `30000.0` is one. */
  readonly isNumber: boolean;
}

export const wireName = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

export function planOf(
  schema: z.core.$ZodType,
  seen = new Map<z.core.$ZodType, FieldPlan>(),
): FieldPlan | undefined {
  const known = seen.get(schema);
  if (known !== undefined) return known;
  if (schema instanceof z.ZodObject) {
    const byWire = new Map<string, Field>();
    const byName = new Map<string, Field>();
    const plan: FieldPlan = { byWire, byName, element: undefined };
    // Before the members, because a tree refers to itself.
    seen.set(schema, plan);
    for (const [name, member] of Object.entries(schema.shape)) {
      const field: Field = {
        name,
        wire: wireName(name),
        plan: planOf(member as z.core.$ZodType, seen),
        isNumber: isNumber(member as z.core.$ZodType),
      };
      byWire.set(field.wire, field);
      byName.set(name, field);
    }
    return plan;
  }
  if (schema instanceof z.ZodArray) {
    const element = planOf(schema.element as z.core.$ZodType, seen);
    return element === undefined ? undefined : { byWire: new Map(), byName: new Map(), element };
  }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return planOf(schema.unwrap() as z.core.$ZodType, seen);
  }
  if (schema instanceof z.ZodUnion) {
    // At most one option of our unions is an object or an array; the others are plain.
    for (const option of schema.options) {
      const plan = planOf(option as z.core.$ZodType, seen);
      if (plan !== undefined) return plan;
    }
  }
  return undefined;
}

function isNumber(schema: z.core.$ZodType): boolean {
  if (schema instanceof z.ZodOptional) return isNumber(schema.unwrap() as z.core.$ZodType);
  return schema instanceof z.ZodNumber;
}

/**
 * A decoded body or query string with the operation's field names.
 * @throws INVALID_PARAMETER for a field in the operation's own spelling, which is not that of the wire
 */
export function fromWire(value: unknown, plan: FieldPlan | undefined): unknown {
  if (plan === undefined || value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) {
    const { element } = plan;
    return element === undefined ? value : value.map((member) => fromWire(member, element));
  }
  // A bare number where members are expected: the schema says so in terms of numbers, not of our class.
  if (value instanceof ExactNumber) return Number(value.text);
  const input: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    const field = plan.byWire.get(key);
    // An assignment to __proto__ would vanish instead of being refused.
    if (field === undefined && (plan.byName.has(key) || key === '__proto__')) {
      throw new FacetError('INVALID_PARAMETER', `Unknown field: '${key}'`);
    }
    if (field === undefined) input[key] = member;
    else if (field.isNumber && member instanceof ExactNumber) input[field.name] = Number(member.text);
    else input[field.name] = field.plan === undefined ? member : fromWire(member, field.plan);
  }
  return input;
}

/** An operation's result with the names of the wire. Fields that are undefined are left to JSON to drop. */
export function toWire(value: unknown, plan: FieldPlan | undefined): unknown {
  if (plan === undefined || value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) {
    const { element } = plan;
    return element === undefined ? value : value.map((member) => toWire(member, element));
  }
  const output: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    const field = plan.byName.get(key);
    output[field?.wire ?? key] = toWire(member, field?.plan);
  }
  return output;
}
