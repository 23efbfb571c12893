/** The SQL of the numbers of labels and types. */
import { statement } from '../../../engine/index.ts';

/** `$1` is `label` or `type`. */
export const READ_NUMBERS = statement(
  'graph.read_numbers',
  'SELECT name, number FROM graph.name_number WHERE kind = $1 AND name = ANY ($2::text[])',
);

/**
 * The next numbers, without gaps. Of two who give numbers at once one may give none, and asks again. Sorted, so that they
 * never wait for each other in a circle.
 */
export const GIVE_NUMBERS = statement(
  'graph.give_numbers',
  `INSERT INTO graph.name_number (kind, name, number)
   SELECT $1, name, (SELECT coalesce(max(number), 0) FROM graph.name_number) + row_number() OVER (ORDER BY name)
   FROM unnest($2::text[]) AS u(name)
   WHERE NOT EXISTS (SELECT FROM graph.name_number AS n WHERE n.kind = $1 AND n.name = u.name)
   ORDER BY name
   ON CONFLICT DO NOTHING`,
);
