/** A procedure with what people want to know of it before they call it. */
import type { Procedure } from '../../../cypher/index.ts';

export interface ListedProcedure extends Procedure {
  /** One sentence, and for settings their defaults. */
  readonly description: string;
}

/** Such as `algo.wcc(projection :: MAP?) :: (node :: NODE, node_id :: STRING, component :: INTEGER)`. */
export function signatureOf({ name, inputs, outputs }: Procedure): string {
  const list = (parameters: typeof inputs): string =>
    parameters.map((one) => `${one.name} :: ${one.type}${one.optional === true ? '?' : ''}`).join(', ');
  return `${name}(${list(inputs)}) :: (${list(outputs)})`;
}
