// What a run of vitest says to scripts/test.mjs: one line of JSON per event, written when it happens, so that a run that
// is killed tells as much as one that ends. The other half reads these lines: counts, and failures in few lines.
import { appendFileSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** Lines of the summary, at most: a reader of a log in CI may see no more of it than its beginning. */
const LINES_MAX = 60;
/** Lines that a failure gets however many there are: its name, what was wrong, and where. */
const LINES_EACH_MIN = 4;
const LINE_CHARACTERS_MAX = 300;

/** The file that the lines go to is named by this variable. */
export const REPORT_FILE = 'TEST_REPORT_FILE';

/** The reporter, as vitest loads it from `--reporter=scripts/test-report.mjs`. */
export default class LineReporter {
  #file = process.env[REPORT_FILE] ?? '';
  #root = process.cwd();

  onTestModuleStart(module) {
    this.#say({ what: 'file', file: this.#path(module.moduleId) });
  }
  onTestModuleEnd(module) {
    this.#fail(module, 'the file');
    this.#say({ what: 'file done', file: this.#path(module.moduleId), ms: module.diagnostic().duration });
  }
  onTestSuiteResult(suite) {
    this.#fail(suite, suite.fullName);
  }
  onTestCaseReady(test) {
    this.#say({ what: 'test', file: this.#path(test.module.moduleId), name: test.fullName });
  }
  onTestCaseResult(test) {
    const { state, errors } = test.result();
    const ms = test.diagnostic()?.duration;
    this.#say({
      ...{ what: 'result', file: this.#path(test.module.moduleId), name: test.fullName, ms, state },
      ...(state === 'failed' ? { errors: this.#brief(errors) } : {}),
    });
  }
  onTestRunEnd(_modules, errors) {
    if (errors.length > 0) {
      this.#say({ what: 'failure', file: 'outside of any test', name: '', errors: this.#brief(errors) });
    }
    this.#say({ what: 'end' });
  }

  /** Of a suite or a file: hooks that failed, or code that did not load. */
  #fail(task, name) {
    const errors = task.errors();
    if (errors.length === 0) return;
    const file = this.#path((task.module ?? task).moduleId);
    this.#say({ what: 'failure', file, name, errors: this.#brief(errors) });
  }

  #brief(errors) {
    return errors.map(({ name, message, diff, stacks }) => {
      const frame = stacks?.find(({ file }) => !file.includes('node_modules')) ?? stacks?.[0];
      return {
        message: `${name ?? 'Error'}: ${message}`,
        diff,
        at: frame === undefined ? undefined : `${this.#path(frame.file)}:${frame.line}:${frame.column}`,
      };
    });
  }

  #path(file) {
    return relative(this.#root, file);
  }

  #say(event) {
    appendFileSync(this.#file, `${JSON.stringify(event)}\n`);
  }
}

/**
 * What the lines say: tests by outcome, failures, files and tests that had begun and not ended. `complete` is false when
 * the run was cut off. Undefined when there are no lines.
 */
export function readReport(file) {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const report = { passed: 0, failed: 0, skipped: 0, failures: [], complete: false, files: new Set() };
  const running = new Map();
  for (const line of text.split('\n').filter((line) => line.endsWith('}'))) {
    const event = JSON.parse(line);
    const key = `${event.file} > ${event.name}`;
    if (event.what === 'file') report.files.add(event.file);
    if (event.what === 'file done') report.files.delete(event.file);
    if (event.what === 'test') running.set(key, (running.get(key) ?? 0) + 1);
    if (event.what === 'result') {
      if ((running.get(key) ?? 0) <= 1) running.delete(key);
      else running.set(key, running.get(key) - 1);
      report[event.state === 'passed' || event.state === 'failed' ? event.state : 'skipped'] += 1;
    }
    if (event.errors !== undefined) report.failures.push(event);
    if (event.what === 'end') report.complete = true;
  }
  return { ...report, files: [...report.files], running: [...running.keys()] };
}

/** Failures by name, message and place, and what was under way when the run was cut off: at most LINES_MAX lines. */
export function summary(report) {
  const lines = [];
  if (!report.complete) {
    const underWay = report.running.length > 0 ? report.running : report.files;
    lines.push('Under way when it was ended:', ...underWay.slice(0, 8).map((name) => `  ${name}`));
  }
  const room = LINES_MAX - lines.length - 1;
  const each = Math.max(LINES_EACH_MIN, Math.floor(room / Math.max(1, report.failures.length)));
  const shown = report.failures.slice(0, Math.floor(room / LINES_EACH_MIN));
  for (const [at, failure] of shown.entries()) lines.push(...told(failure, at + 1, each));
  const left = report.failures.length - shown.length;
  if (left > 0) lines.push(`… and ${left} more`);
  return lines.map((line) =>
    line.length > LINE_CHARACTERS_MAX ? `${line.slice(0, LINE_CHARACTERS_MAX)} …` : line,
  );
}

/** One failure in at most `linesMax` lines: the first ones of the message, the difference, and always the place. */
function told({ file, name, errors }, number, linesMax) {
  const [first, ...others] = errors;
  const head = `${number}) ${file}${name === '' ? '' : ` > ${name}`}`;
  const lines = (text) =>
    stripVTControlCharacters(text ?? '')
      .split('\n')
      .filter((line) => line.trim() !== '');
  // Of a difference only what differs.
  const difference = lines(first?.diff).filter((line) => /^[-+](?! (?:Expected|Received)\b)/.test(line));
  const text = [...lines(first?.message ?? 'no message'), ...difference];
  const tail = [
    ...(first?.at === undefined ? [] : [`at ${first.at}`]),
    ...(others.length === 0 ? [] : [`and ${others.length} more errors of it`]),
  ];
  const room = Math.max(1, linesMax - 1 - tail.length);
  const body =
    text.length > room ? [...text.slice(0, Math.max(1, room - 1)), ...(room > 1 ? ['…'] : [])] : text;
  return [head, ...[...body, ...tail].map((line) => `   ${line}`)];
}
