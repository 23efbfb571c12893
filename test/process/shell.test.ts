/** `facet shell` against a real server: from a pipe, for one text, and at a terminal. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type FacetServer, facet, MAIN, startFacet } from '../support/facet-process.ts';

const TOKEN = 'a-token-of-thirty-two-characters!';
let server: FacetServer;
let home: string;
beforeAll(async () => {
  server = await startFacet(['--auth-token', TOKEN]);
});
afterAll(async () => {
  await server?.stop();
});
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'facet-home-'));
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

const environment = (): Record<string, string> => ({
  FACET_URL: server.url,
  FACET_TOKEN: TOKEN,
  HOME: home,
  TERM: 'xterm',
});
const shell = (args: readonly string[], input = '') =>
  facet(['shell', ...args], { environment: environment(), input });

describe('from a pipe', () => {
  test('statements end with ; and may have several lines', async () => {
    const input =
      "CREATE TABLE shell_a (n int,\n t text);\nINSERT INTO shell_a VALUES (1, 'a;b'), (2, NULL);\nSELECT *\nFROM shell_a ORDER BY n";
    const { code, stdout, stderr } = await shell([], input);
    expect(stdout).toBe(' n | t\n---+------\n 1 | a;b\n 2 | NULL\n');
    expect([code, stderr]).toEqual([0, '0 rows affected\n2 rows affected\n2 rows\n']);
  });

  test('languages can be changed', async () => {
    const input =
      "\\cypher\nCREATE (:Shell {name: 'x;'})\n-[:KNOWS]->(:Shell);\nMATCH (n:Shell)\nRETURN count(n) AS n;\n\\sql\nSELECT 1 AS one;\n";
    const { code, stdout, stderr } = await shell([], input);
    expect(stdout).toBe(' n\n---\n 2\n one\n-----\n   1\n');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^2 nodes created, 1 relationship created.*\n1 row\n1 row\n$/);
  });

  test('the first error ends it, with its place and exit code 1', async () => {
    const { code, stdout, stderr } = await shell([], 'SELECT 1 AS one;\nSELECT 1 +;\nSELECT 2 AS two;\n');
    expect([code, stdout]).toEqual([1, ' one\n-----\n   1\n']);
    expect(stderr).toMatch(/^1 row\nerror INVALID_SQL: .*\nline 1: SELECT 1 \+\n {9,}\^\n/);
  });

  test('an unknown command is an error', async () => {
    const { code, stderr } = await shell([], '\\cyper\n');
    expect(code).toBe(1);
    expect(stderr).toBe('error: no command \\cyper. Did you mean \\cypher?\n');
  });

  test('\\quit leaves, \\timing says how long it took', async () => {
    const { code, stdout, stderr } = await shell([], '\\timing\nSELECT 1 AS one;\n\\quit\nSELECT 1 +;\n');
    expect([code, stdout]).toEqual([0, 'Timing is on.\n one\n-----\n   1\n']);
    expect(stderr).toMatch(/^1 row \(server [\d.]+ m?s, round trip [\d.]+ m?s\)\n$/);
  });

  test('a line is a statement of Neumann', async () => {
    const input =
      "CREATE TABLE shell_n (name:string, pay:float?)\nINSERT shell_n name='Ada', pay=10.5\n\n-- nothing\nSELECT shell_n\nBLOB PUT 'a.txt' 'one;two'\n";
    const { code, stdout, stderr } = await shell(['--mode', 'neumann'], input);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^done\n1 row\n1 row\n/)]);
    expect(stdout).toMatch(
      /^ id\n----\n {2}1\n _id \| name \| +pay\n-+\+-+\+-+\n +1 \| Ada +\| 10\.5\n[0-9a-f-]{36}\n$/,
    );
    const wrong = await shell(['--mode', 'neumann'], 'NODE GTE 1\n');
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/^error INVALID_STATEMENT: .*\nline 1: NODE GTE 1\n {13}\^\n/);
    expect(wrong.stderr).toContain('\nhint: Did you mean GET?\n');
    expect(wrong.stderr.split('\n')[0]).toMatch(/or LIST\.$/);
  });

  test('no history is kept', async () => {
    await shell([], 'SELECT 1;\n');
    await expect(stat(join(home, '.local'))).rejects.toThrow();
  });
});

describe('options', () => {
  test('--command runs a text', async () => {
    const { code, stdout } = await shell(['--command', 'SELECT 1 AS a; SELECT 2 AS b']);
    expect([code, stdout]).toEqual([0, ' a\n---\n 1\n b\n---\n 2\n']);
    expect((await shell(['--mode', 'cypher', '--command', 'RETURN 1 AS a'])).stdout).toBe(' a\n---\n 1\n');
  });

  test('--url and --token', async () => {
    const denied = await shell(['--token', 'wrong', '--command', 'SELECT 1']);
    expect([denied.code, denied.stderr.split(':')[0]]).toEqual([1, 'error UNAUTHORIZED']);
    const nobody = await shell(['--url', 'http://127.0.0.1:1', '--command', 'SELECT 1']);
    expect([nobody.code, nobody.stderr]).toEqual([
      2,
      'no server at http://127.0.0.1:1, start one with npm start\n',
    ]);
  });

  test('facet --help names it', async () => {
    expect((await facet(['--help'])).stdout).toMatch(/^ {2}shell .*type statements/m);
    expect((await facet(['shell', '--help'])).stdout).toContain('--command <text>');
  });
});

/** A terminal of its own for a program, with what it shows. */
class Terminal {
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcessWithoutNullStreams;
  #shown = '';
  #from = 0;

  constructor(command: string, variables: Readonly<Record<string, string>>) {
    this.#child = spawn('script', ['-qec', command, '/dev/null'], { env: { ...process.env, ...variables } });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#shown += text;
    });
    this.#child.stdin.on('error', () => {});
    this.exited = new Promise((resolve) => this.#child.once('close', resolve));
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Waits for something that comes behind what was waited for before. */
  async until(wanted: RegExp): Promise<string> {
    for (let waited = 0; waited < 1_000; waited++) {
      const found = wanted.exec(this.#shown.slice(this.#from));
      if (found !== null) {
        this.#from += found.index + found[0].length;
        return found[0];
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`${wanted} never came: ${JSON.stringify(this.#shown.slice(this.#from))}`);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

const hasScript = spawnSync('script', ['--version']).status === 0;

// Terminals of their own are made by `script` of util-linux, which is not everywhere.
describe.runIf(hasScript)('at a terminal', () => {
  let terminal: Terminal;
  const open = (args = ''): void => {
    terminal = new Terminal(`"${process.execPath}" "${MAIN}" shell ${args}`, environment());
  };
  afterEach(() => terminal.kill());

  const history = () => readFile(join(home, '.local', 'state', 'facet', 'shell-history'), 'utf8');

  test('runs statements, keeps their history in private, and leaves', async () => {
    open();
    await terminal.until(/sql> /);
    terminal.type('SELECT 40 + 2\r');
    await terminal.until(/-> /);
    terminal.type('AS answer;\r');
    await terminal.until(/ {5}42\r\n1 row\r\n/);
    terminal.type('\\neumann\r');
    await terminal.until(/neumann> /);
    for (const secret of ["VAULT SET 'a' 'hidden'", "/* new */ vault /* one */ rotate 'a' 'hidden'"]) {
      terminal.type(`${secret}\r`);
      await terminal.until(/neumann> /);
    }
    terminal.type('\\quit\r');
    expect(await terminal.exited).toBe(0);
    expect(await history()).toBe('SELECT 40 + 2\nAS answer;\n\\neumann\n\\quit\n');
    const mode = async (...path: string[]): Promise<number> => (await stat(join(home, ...path))).mode & 0o777;
    expect(await mode('.local', 'state', 'facet', 'shell-history')).toBe(0o600);
    expect(await mode('.local', 'state', 'facet')).toBe(0o700);

    open();
    await terminal.until(/sql> /);
    const up = '\u001b[A';
    terminal.type(`${up}${up}${up}`);
    await terminal.until(/AS answer;/);
    terminal.type('\u0003\u0004');
    expect(await terminal.exited).toBe(0);
  });

  test('Tab completes words, tables and labels', async () => {
    await shell([], 'CREATE TABLE IF NOT EXISTS completed_table (n int);');
    await shell(['--mode', 'cypher', '--command', 'CREATE (:CompletedLabel)']);
    open();
    await terminal.until(/sql> /);
    terminal.type('sel\t');
    await terminal.until(/select/);
    terminal.type(' 7 FROM completed_t\t');
    await terminal.until(/completed_table/);
    terminal.type(';\r');
    await terminal.until(/0 rows/);
    terminal.type('\\cy');
    terminal.type('\t');
    await terminal.until(/\\cypher/);
    terminal.type('\r');
    await terminal.until(/cypher> /);
    terminal.type('MATCH (n:Complet\t');
    await terminal.until(/CompletedLabel/);
    terminal.type('\u0003\u0003\u0003');
    expect(await terminal.exited).toBe(0);
  });

  test('Ctrl-C cancels what runs in PostgreSQL, and at the empty prompt leaves', async () => {
    open();
    await terminal.until(/sql> /);
    terminal.type("SELECT pg_sleep(60), 'to be cancelled';\r");
    const running = async (): Promise<string> =>
      (
        await shell([
          '--command',
          "SELECT 'n=' || count(*) AS n FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep(60), ''to be%'",
        ])
      ).stdout;
    await expect.poll(running, { timeout: 20_000 }).toContain('n=1');
    terminal.type('\u0003');
    await terminal.until(/cancelled after [\d.]+ s\r\n[\s\S]*sql> /);
    await expect.poll(running, { timeout: 20_000 }).toContain('n=0');
    terminal.type('\u0003');
    expect(await terminal.exited).toBe(0);
  });

  test('Ctrl-C forgets what was typed; once more is asked for at an empty prompt', async () => {
    open();
    await terminal.until(/sql> /);
    terminal.type('SELECT\r');
    await terminal.until(/-> /);
    terminal.type('nonsense\u0003');
    await terminal.until(/\^C\r\n[\s\S]*sql> /);
    terminal.type('SELECT 5 AS five;\r');
    await terminal.until(/ {4}5\r\n1 row\r\n[\s\S]*sql> /);
    terminal.type('\u0003');
    await terminal.until(/Ctrl-C again, Ctrl-D or \\quit leaves[\s\S]*sql> /);
    terminal.type('SELECT 6 AS six;\r');
    await terminal.until(/ {3}6\r\n1 row\r\n[\s\S]*sql> /);
    terminal.type('\u0003');
    await terminal.until(/Ctrl-C again[\s\S]*sql> /);
    terminal.type('\u0003');
    expect(await terminal.exited).toBe(0);
  });

  test('errors do not end it', async () => {
    open('--mode neumann');
    await terminal.until(/neumann> /);
    terminal.type('NODES LIST\r');
    await terminal.until(/error INVALID_STATEMENT: [\s\S]*\^\r\n[\s\S]*Did you mean[\s\S]*neumann> /);
    terminal.type('\\help vault l\r');
    await terminal.until(/VAULT LIST \[pattern\]/);
    terminal.type('\u0004');
    expect(await terminal.exited).toBe(0);
  });
});
