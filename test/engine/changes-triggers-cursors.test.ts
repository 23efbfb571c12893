/** What holds of cursors that follow by logical decoding holds of those that follow by triggers. */
import '../support/follow-by-triggers.ts';
import './changes-cursors.test.ts';
