/** Names of indexes and constraints that were created without one: the same for the same definition. */
import { createHash } from 'node:crypto';
import type { Definition } from './definitions.ts';

export function automaticName(definition: Omit<Definition, 'name'>): string {
  const { kind, entity, label, properties, propertyType } = definition;
  const text = JSON.stringify([kind, entity, label, properties, propertyType ?? '']);
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return `${kind === 'INDEX' ? 'index' : 'constraint'}_${hash}`;
}
