// `npm start`: builds dist/ when a source file is newer, then runs `facet serve` in this very process, so that
// signals reach the server and not a wrapper. Options go after `--`: `npm start -- --listen 127.0.0.1:9000`.
import './build.mjs';

const options = process.argv.slice(2).filter((argument) => argument !== '--if-needed');
process.argv = [process.argv[0], 'facet', 'serve', ...options];
await import('../dist/main.js');
