// `npm start`: builds dist/ when a source file is newer, then runs `facet serve` in this very process,
// so that signals reach the server and not a wrapper.
import './build.mjs';

process.argv = [process.argv[0], 'facet', 'serve', ...process.argv.slice(2).filter((arg) => arg !== '--if-needed')];
await import('../dist/main.js');
