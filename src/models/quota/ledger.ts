/**
 * The durable counts of callers with plans. A request counts in memory; what has gathered is added to PostgreSQL every
 * LIMITS.usageFlushMs in one statement for all callers, which answers with the sums of all processes. So a process
 * learns of the others, and a crash loses the operations, of that time at most.
 *
 * When it is not known whether an addition took effect, because the connection broke in between, it is made again:
 * operations of that time may then count twice.
 */
import { LIMITS, type Observe, nowMs as systemNowMs } from '../../base/index.ts';
import { arrayLiteral, type Database } from '../../engine/index.ts';
import { type Account, isIdle, newAccount } from './account.ts';
import { type Month, monthOf } from './month.ts';
import { ADD_OPERATIONS, FORGET_PROCESS, READ_COUNTS, REPORT_CONNECTIONS } from './statements.ts';

export interface LedgerOptions {
  /** The one database that keeps the counts of the whole store. */
  readonly database: () => Promise<Database>;
  /** Tells this process from the others on the store. */
  readonly process: string;
  readonly observe: Observe;
  readonly nowMs?: () => number;
}

/** Operations that are to be added. */
interface Addition {
  readonly account: Account;
  readonly month: Month;
  readonly count: number;
}

export class Ledger {
  readonly #options: LedgerOptions;
  readonly #nowMs: () => number;
  readonly #accounts = new Map<string, Account>();
  /** Those with something to write. */
  readonly #changed = new Set<Account>();
  readonly #connected = new Set<Account>();
  /** Operations of months that are over. */
  #overdue: Addition[] = [];
  #month: Month;
  #timer: NodeJS.Timeout | undefined;
  /** False: the timer, if any, is that of the heartbeat. */
  #flushPlanned = false;
  #flushing: Promise<void> | undefined;
  #stopped = false;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? systemNowMs;
    this.#month = monthOf(this.#nowMs());
  }

  /** When operations are counted anew, Unix time in milliseconds. */
  get resetAtMs(): number {
    return this.#month.endsAtMs;
  }

  /** The counts of a caller in this month. They may have to be read first: see `known`. */
  account(name: string): Account {
    if (this.#nowMs() >= this.#month.endsAtMs) this.#turnPage();
    const known = this.#accounts.get(name);
    if (known !== undefined) return known;
    if (this.#accounts.size >= LIMITS.usageAccountsMax) this.#forgetOne();
    const account = newAccount(name);
    this.#accounts.set(name, account);
    return account;
  }

  /**
   * Undefined when the counts are known and not older than `ageMs`, else the reading of them.
   * @throws what PostgreSQL says
   */
  known(account: Account, ageMs: number): Promise<void> | undefined {
    if (account.known && this.#nowMs() - account.knownAtMs <= ageMs) return undefined;
    account.reading ??= this.#read(account).finally(() => {
      account.reading = undefined;
    });
    return account.reading;
  }

  /** So many more operations. */
  count(account: Account, operations: number): void {
    account.pending += operations;
    this.#note(account);
  }

  /** One connection more or less. */
  connect(account: Account, difference: 1 | -1): void {
    account.connections += difference;
    if (account.connections > 0) this.#connected.add(account);
    else this.#connected.delete(account);
    this.#note(account);
  }

  /** Writes what has gathered. Never rejects: what could not be written stays, and is tried again. */
  flush(): Promise<void> {
    this.#flushing ??= this.#flushAll().finally(() => {
      this.#flushing = undefined;
      this.#planNext();
    });
    return this.#flushing;
  }

  /** Writes the rest and takes the connections of this process back. Never rejects. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    // One that is under way may have begun before the last operations.
    await this.#flushing;
    await this.flush();
    const lost = [...this.#changed].reduce((sum, { pending }) => sum + pending, 0);
    if (lost > 0) this.#warn(`${lost} operations of callers with plans were not counted`, undefined);
    if (this.#accounts.size === 0) return;
    try {
      await (await this.#options.database()).run(FORGET_PROCESS, [this.#options.process]);
    } catch (thrown) {
      this.#warn('the connections of this process count for a while longer', thrown);
    }
  }

  #note(account: Account): void {
    this.#changed.add(account);
    if (!this.#flushPlanned) this.#plan(LIMITS.usageFlushMs, true);
  }

  #plan(delayMs: number, flushPlanned: boolean): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#flushPlanned = flushPlanned;
    this.#timer = setTimeout(() => void this.flush(), delayMs);
    this.#timer.unref();
  }

  #planNext(): void {
    this.#flushPlanned = false;
    if (this.#changed.size > 0 || this.#overdue.length > 0) this.#plan(LIMITS.usageFlushMs, true);
    else if (this.#connected.size > 0) this.#plan(LIMITS.usageHeartbeatMs, false);
  }

  async #read(account: Account): Promise<void> {
    // Else what is on its way would be read, and counted as on its way as well.
    await this.#flushing;
    const month = this.#month;
    const database = await this.#options.database();
    const { rows } = await database.run(READ_COUNTS, [account.name, month.firstDay, this.#options.process], {
      reads: true,
    });
    const [operations, connections] = rows[0] ?? [];
    account.connectionsElsewhere = Number(connections ?? 0);
    if (month !== this.#month) return;
    // An addition may have been answered in the meantime.
    account.total = Math.max(account.total, Number(operations ?? 0));
    account.known = true;
    account.knownAtMs = this.#nowMs();
  }

  async #flushAll(): Promise<void> {
    if (this.#nowMs() >= this.#month.endsAtMs) this.#turnPage();
    const changed = [...this.#changed];
    this.#changed.clear();
    const additions = [...this.#overdue, ...this.#take(changed)];
    this.#overdue = [];
    const now = this.#nowMs();
    const reporting = new Set([
      ...changed.filter(({ connections, connectionsReported }) => connections !== connectionsReported),
      ...[...this.#connected].filter(({ reportedAtMs }) => now - reportedAtMs >= LIMITS.usageHeartbeatMs),
    ]);
    try {
      await this.#add(additions);
    } catch (thrown) {
      for (const addition of additions) this.#putBack(addition);
      this.#warn('operations of callers with plans wait to be counted', thrown);
    }
    try {
      await this.#report([...reporting], now);
    } catch (thrown) {
      for (const account of reporting) this.#changed.add(account);
      this.#warn('connections of callers with plans wait to be counted', thrown);
    }
  }

  #take(accounts: readonly Account[]): Addition[] {
    const taken: Addition[] = [];
    for (const account of accounts) {
      if (account.pending === 0) continue;
      taken.push({ account, month: this.#month, count: account.pending });
      account.sending = account.pending;
      account.pending = 0;
    }
    return taken;
  }

  async #add(additions: readonly Addition[]): Promise<void> {
    if (additions.length === 0) return;
    const database = await this.#options.database();
    const { rows } = await database.run(ADD_OPERATIONS, [
      arrayLiteral(additions.map(({ account }) => account.name)),
      arrayLiteral(additions.map(({ month }) => month.firstDay)),
      arrayLiteral(additions.map(({ count }) => String(count))),
    ]);
    const sums = new Map(rows.map(([name, month, operations]) => [`${month} ${name}`, Number(operations)]));
    for (const { account, month } of additions) {
      if (month !== this.#month) continue;
      account.total = sums.get(`${month.firstDay} ${account.name}`) ?? account.total;
      account.sending = 0;
      account.known = true;
      account.knownAtMs = this.#nowMs();
    }
  }

  #putBack(addition: Addition): void {
    const { account, month, count } = addition;
    if (month !== this.#month) {
      this.#overdue.push(addition);
      return;
    }
    account.pending += count;
    account.sending = 0;
    this.#changed.add(account);
  }

  async #report(accounts: readonly Account[], now: number): Promise<void> {
    if (accounts.length === 0) return;
    const told = accounts.map(({ connections }) => connections);
    const database = await this.#options.database();
    const { rows } = await database.run(REPORT_CONNECTIONS, [
      arrayLiteral(accounts.map(({ name }) => name)),
      arrayLiteral(told.map(String)),
      this.#options.process,
    ]);
    const elsewhere = new Map(rows.map(([name, connections]) => [name, Number(connections)]));
    accounts.forEach((account, index) => {
      account.connectionsReported = told[index] ?? 0;
      account.reportedAtMs = now;
      account.connectionsElsewhere = elsewhere.get(account.name) ?? 0;
    });
  }

  /** A new month: everybody begins at what other processes may have counted in it already. */
  #turnPage(): void {
    for (const account of this.#accounts.values()) {
      const { pending } = account;
      if (pending > 0) this.#overdue.push({ account, month: this.#month, count: pending });
      account.pending = 0;
      account.sending = 0;
      account.total = 0;
      account.known = false;
      account.reading = undefined;
    }
    this.#month = monthOf(this.#nowMs());
  }

  #forgetOne(): void {
    let looks = 0;
    for (const account of this.#accounts.values()) {
      if (isIdle(account)) {
        this.#accounts.delete(account.name);
        return;
      }
      if (++looks === FORGET_LOOKS_MAX) return;
    }
  }

  #warn(message: string, detail: unknown): void {
    this.#options.observe({ type: 'warning', message, ...(detail === undefined ? {} : { detail }) });
  }
}

/** Callers that are looked at for one that is idle; each new one looks again. */
const FORGET_LOOKS_MAX = 100;
