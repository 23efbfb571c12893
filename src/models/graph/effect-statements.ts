/** An effect on the graph -> the statement that has it, and its parameters. */
import { arrayLiteral, type Parameter, type Statement } from '../../engine/index.ts';
import type { Effect } from './effects.ts';
import {
  DELETE_NODES,
  DELETE_RELATIONSHIPS,
  INSERT_NODES,
  INSERT_RELATIONSHIPS,
  UPDATE_NODES,
  UPDATE_RELATIONSHIPS,
} from './statements.ts';

export interface EffectStatement {
  readonly text: Statement;
  readonly parameters: Parameter[];
}

const integers = (list: readonly bigint[]): Parameter => arrayLiteral(list.map(String));
/** Each item is an array itself, as its text. */
const nested = (lists: readonly (readonly string[])[]): Parameter => arrayLiteral(lists.map(arrayLiteral));

export function effectStatement(effect: Effect): EffectStatement {
  const ids = integers(effect.ids);
  switch (effect.what) {
    case 'insert nodes':
      return {
        text: INSERT_NODES,
        parameters: [ids, nested(effect.labels), arrayLiteral(effect.properties)],
      };
    case 'insert relationships': {
      const ends = [integers(effect.starts), integers(effect.ends)];
      const parameters = [ids, arrayLiteral(effect.types), ...ends, arrayLiteral(effect.properties)];
      return { text: INSERT_RELATIONSHIPS, parameters };
    }
    case 'update nodes': {
      const parameters = [ids, nested(effect.labels), nested(effect.removed), arrayLiteral(effect.changed)];
      return { text: UPDATE_NODES, parameters };
    }
    case 'update relationships':
      return {
        text: UPDATE_RELATIONSHIPS,
        parameters: [ids, nested(effect.removed), arrayLiteral(effect.changed)],
      };
    case 'delete relationships':
      return { text: DELETE_RELATIONSHIPS, parameters: [ids] };
    case 'delete nodes':
      return { text: DELETE_NODES, parameters: [ids] };
  }
}
