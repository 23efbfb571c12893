/**
 * The migrations that this version ships: `migrations/<model>/NNNN-name.sql`, numbered from 1 without gaps. A file
 * that was released is never changed again; the next change is the next number.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { assert } from '../base/index.ts';

export interface MigrationFile {
  readonly model: string;
  readonly number: number;
  /** `sql/0001-table-info`, as it is recorded and shown. */
  readonly name: string;
  readonly sql: string;
  /** Of the file's bytes, in lower-case hexadecimal. */
  readonly sha256: string;
}

const SHIPPED = fileURLToPath(new URL('./migrations/', import.meta.url));
const FILE = /^(\d{4})-([a-z0-9-]+)\.sql$/;

/** All migrations below `directory`, by model and number. */
export function readMigrations(directory: string = SHIPPED): readonly MigrationFile[] {
  const found: MigrationFile[] = [];
  for (const model of readdirSync(directory, { withFileTypes: true })) {
    if (!model.isDirectory()) continue;
    const files = readdirSync(`${directory}/${model.name}`).sort();
    files.forEach((file, index) => {
      const number = Number(FILE.exec(file)?.[1]);
      assert(number === index + 1, `migration ${model.name}/${file} is not number ${index + 1}`);
      const sql = readFileSync(`${directory}/${model.name}/${file}`, 'utf8');
      found.push({
        model: model.name,
        number,
        name: `${model.name}/${file.slice(0, -'.sql'.length)}`,
        sql,
        sha256: createHash('sha256').update(sql).digest('hex'),
      });
    });
  }
  return found.sort((a, b) => (a.model === b.model ? a.number - b.number : a.model < b.model ? -1 : 1));
}
