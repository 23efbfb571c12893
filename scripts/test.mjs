// `npm test`: everything that is checked, one stage after the other, one line per stage. The first stage that fails
// shows what failed in few lines, then its output, and ends the run. `npm test -- unit` runs one stage (and the build,
// for those that need dist/), `npm test -- unit models` two. The last line is always `N passed, N failed[, N skipped]`:
// the tests that ran.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { REPORT_FILE, readReport, summary } from './test-report.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name) => join(root, 'node_modules', '.bin', name);
const scratch = mkdtempSync(join(tmpdir(), 'facet-test-'));

const command = (name, needsBuild, minutesMax, file, ...args) => ({
  name,
  needsBuild,
  minutesMax,
  file,
  args,
});
const node = (name, script) => command(name, false, 3, process.execPath, join(root, 'scripts', script));
const project = (name, minutesMax, needsBuild = false) => ({
  ...command(name, needsBuild, minutesMax, bin('vitest'), 'run', '--project', name),
  report: join(scratch, `${name}.jsonl`),
});

const stages = [
  node('build', 'build.mjs'),
  command('generated', true, 3, bin('tsx'), join(root, 'scripts', 'gen.ts'), '--check'),
  command('format-lint', false, 2, bin('biome'), 'ci', '.'),
  command('types', false, 3, bin('tsc'), '-p', 'tsconfig.json', '--noEmit'),
  project('tidy', 2),
  project('unit', 3),
  project('language', 3),
  project('tck', 4),
  { ...project('engine', 8), meetsTheClock: true },
  { ...project('models', 8), meetsTheClock: true },
  { ...project('dialects', 8), meetsTheClock: true },
  { ...project('server', 5), meetsTheClock: true },
  { ...project('process', 10, true), meetsTheClock: true },
  { ...project('faults', 10, true), meetsTheClock: true },
  project('fuzz', 4),
];

/**
 * Stages with real servers and real time: what waits for something on a machine that does other things, too, may wait too
 * short. A few files that failed are run once more by themselves, and both outcomes are told.
 */
const SECOND_TRIES_MAX = 3;

const total = { passed: 0, failed: 0, skipped: 0 };
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !stages.some((stage) => stage.name === name));
if (unknown.length > 0) {
  console.error(
    `No stage '${unknown.join("', '")}'. Stages: ${stages.map((stage) => stage.name).join(', ')}`,
  );
  process.exit(2);
}

/** Files that passed at the second try only. */
const secondTries = [];
const ok = await runAll(chosen());
rmSync(scratch, { recursive: true, force: true });
if (secondTries.length > 0) console.log(`Passed at the second try only: ${secondTries.join(' ')}`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(ok ? 0 : 1);

function chosen() {
  if (asked.length === 0) return stages;
  const wanted = stages.filter((stage) => asked.includes(stage.name));
  const build = stages[0];
  return wanted.some((stage) => stage.needsBuild) && !wanted.includes(build) ? [build, ...wanted] : wanted;
}

async function runAll(list) {
  for (const stage of list) {
    const first = await attempt(stage);
    if (first.good) continue;
    tell(stage, first);
    const files = filesToTryAgain(stage, first.report);
    if (files.length > 0) {
      console.log(`Once more, by itself: ${files.join(' ')}`);
      const second = await attempt({ ...stage, args: [...stage.args, ...files] });
      if (second.good) {
        secondTries.push(...files);
        // The first run has counted them.
        total.passed -= second.report.passed - first.report.failed;
        total.failed -= Math.max(first.report.failed, 1);
        total.skipped -= second.report.skipped;
        continue;
      }
      tell(stage, second);
    }
    console.log(`Stage '${stage.name}' failed. Again: npm test -- ${stage.name}\n`);
    console.log(withoutPassed(first.output));
    console.log(`Stage '${stage.name}' failed. Again: npm test -- ${stage.name}`);
    return false;
  }
  return true;
}

async function attempt(stage) {
  const startedAt = performance.now();
  // What is there is of the first try.
  if (stage.report !== undefined) rmSync(stage.report, { force: true });
  const { code, output, isLate } = await run(stage);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const report = stage.report === undefined ? undefined : readReport(stage.report);
  for (const key of Object.keys(total)) total[key] += report?.[key] ?? 0;
  const good = code === 0 && (stage.report === undefined || report?.complete === true);
  // A failed stage without a failed test still counts as one failure: a suite that did not load, a type error.
  if (!good && (report?.failed ?? 0) === 0) total.failed += 1;
  const tests =
    report === undefined
      ? ''
      : `  ${report.passed} passed${report.failed > 0 ? `, ${report.failed} failed` : ''}`;
  console.log(`${good ? 'ok    ' : 'FAILED'} ${stage.name.padEnd(12)} ${seconds.padStart(6)} s${tests}`);
  return { good, output, isLate, report };
}

function tell(stage, { isLate, report }) {
  if (isLate) console.log(`Stage '${stage.name}' took more than ${stage.minutesMax} minutes.`);
  if (report !== undefined) console.log(summary(report).join('\n'));
}

/** Few files of a stage that ran to its end; none where trying again would say nothing. */
function filesToTryAgain({ meetsTheClock }, report) {
  if (meetsTheClock !== true || report?.complete !== true) return [];
  const files = [...new Set(report.failures.map(({ file }) => file))].filter((file) =>
    file.endsWith('.test.ts'),
  );
  return files.length <= SECOND_TRIES_MAX ? files : [];
}

/** Runs a stage in a process group of its own, which is killed as a whole when it takes too long. */
function run(stage) {
  const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts', 'test-report.mjs')}`];
  const args = stage.report === undefined ? stage.args : [...stage.args, ...reporters];
  const color = process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' };
  return new Promise((resolve) => {
    const child = spawn(stage.file, args, {
      cwd: root,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        ...color,
        ...(stage.report === undefined ? {} : { [REPORT_FILE]: stage.report }),
      },
    });
    const pieces = [];
    let isLate = false;
    child.stdout.on('data', (piece) => pieces.push(piece));
    child.stderr.on('data', (piece) => pieces.push(piece));
    const kill = (signal) => {
      try {
        process.kill(-child.pid, signal);
      } catch {
        // It is gone already.
      }
    };
    const timer = setTimeout(() => {
      isLate = true;
      kill('SIGKILL');
    }, stage.minutesMax * 60_000);
    const interrupted = () => {
      kill('SIGTERM');
      process.exitCode = 130;
    };
    process.once('SIGINT', interrupted);
    process.once('SIGTERM', interrupted);
    const done = (code) => {
      clearTimeout(timer);
      process.off('SIGINT', interrupted);
      process.off('SIGTERM', interrupted);
      resolve({ code, output: Buffer.concat(pieces).toString('utf8'), isLate });
    };
    child.once('error', (error) => {
      pieces.push(Buffer.from(String(error)));
      done(1);
    });
    child.once('close', (code) => done(code ?? 1));
  });
}

/** What a failed stage printed, less the lines of tests that passed: they would bury the one that did not. */
function withoutPassed(output) {
  return output
    .split('\n')
    .filter((line) => !stripVTControlCharacters(line).trimStart().startsWith('✓ '))
    .join('\n');
}
