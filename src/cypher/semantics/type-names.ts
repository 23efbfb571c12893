/**
 * Types by name, as signatures of procedures and functions write them: `INTEGER?`, `LIST<STRING>`, `LIST OF ANY?`,
 * `node|relationship`. Case does not matter, nor does the question mark: every type here includes null.
 */
import {
  ANY_KINDS,
  INSTANT_KINDS,
  KIND,
  listOf,
  NUMBER_KINDS,
  type StaticType,
  TEMPORAL_KINDS,
  typeOf,
  union,
} from './static-type.ts';

const KINDS_OF_NAME: ReadonlyMap<string, number> = new Map([
  ['any', ANY_KINDS],
  ['boolean', KIND.boolean],
  ['integer', KIND.integer],
  ['float', KIND.float],
  ['number', NUMBER_KINDS],
  ['string', KIND.string],
  ['list', KIND.list],
  ['map', KIND.map],
  ['node', KIND.node],
  ['relationship', KIND.relationship],
  ['path', KIND.path],
  ['point', KIND.point],
  ['date', KIND.date],
  ['localtime', KIND.localTime],
  ['local time', KIND.localTime],
  ['time', KIND.time],
  ['zoned time', KIND.time],
  ['localdatetime', KIND.localDateTime],
  ['local datetime', KIND.localDateTime],
  ['datetime', KIND.dateTime],
  ['zoned datetime', KIND.dateTime],
  ['duration', KIND.duration],
  ['instant', INSTANT_KINDS],
  ['temporal', TEMPORAL_KINDS],
]);

const LIST_OF = /^list\s*(?:<(.*)>|of\s+(.*))$/;

/** Undefined if there is no such type. */
export const typeNamed = (name: string): StaticType | undefined => {
  const text = name.trim().replace(/\?$/, '').trim().toLowerCase();
  const list = LIST_OF.exec(text);
  if (list !== null) {
    const element = typeNamed(list[1] ?? list[2] ?? '');
    return element === undefined ? undefined : listOf(element);
  }
  if (text.includes('|')) {
    let result = typeOf(0);
    for (const part of text.split('|')) {
      const type = typeNamed(part);
      if (type === undefined) return undefined;
      result = union(result, type);
    }
    return result;
  }
  const kinds = KINDS_OF_NAME.get(text);
  return kinds === undefined ? undefined : typeOf(kinds);
};

/** The type an argument must have for a parameter of this name: an INTEGER is taken for a FLOAT. */
export const argumentTypeNamed = (name: string): StaticType | undefined => {
  const type = typeNamed(name);
  return type !== undefined && (type.kinds & KIND.float) !== 0
    ? { kinds: type.kinds | KIND.integer, element: type.element }
    : type;
};
