/** What holds of the number of tables followed by logical decoding holds of those followed by triggers. */
import '../support/follow-by-triggers.ts';
import './changes-tables-max.test.ts';
