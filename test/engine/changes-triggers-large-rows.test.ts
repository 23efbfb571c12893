/** What holds of large rows followed by logical decoding holds of those followed by triggers. */
import '../support/follow-by-triggers.ts';
import './changes-large-rows.test.ts';
