/** Where the indexes of a namespace are saved, and that nothing stays there of those that are gone. */
import type { Database } from '../../engine/index.ts';
import { indexesWithFiles, removeFilesOf, SavedFiles } from './saved-files.ts';
import type { SavedOf } from './saved-manifest.ts';
import { consumerOf } from './saving.ts';
import { DATABASE_IDENTITY, LIST_ALL } from './statements.ts';

export interface ListedIndex {
  readonly id: number;
  readonly schema: string;
  readonly table: string;
  readonly column: string;
}

interface Place {
  readonly folder: string;
  /** Tells databases apart. */
  readonly identity: string;
}

export class SavedPlace {
  readonly #database: Database;
  #place: Promise<Place | undefined> | undefined = undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Undefined where indexes are not saved. Never rejects. */
  async files(of: Omit<SavedOf, 'database'>): Promise<SavedFiles | undefined> {
    const place = await this.#found();
    if (place === undefined) return undefined;
    return new SavedFiles(place.folder, { ...of, database: place.identity });
  }

  /**
   * Indexes of the catalog, and whether there are files of them. What others than those have left is removed.
   * @throws what PostgreSQL or the file system says
   */
  async tidied(): Promise<readonly (ListedIndex & { readonly saved: boolean })[]> {
    const place = await this.#found();
    // Before the catalog: what an index has that is made meanwhile is left alone.
    const withFiles = place === undefined ? new Set<number>() : await indexesWithFiles(place.folder);
    const prefix = consumerOf(0).slice(0, -1);
    const consumers = place === undefined ? [] : await this.#database.changes.consumers(prefix);
    const { rows } = await this.#database.run(LIST_ALL, [], { reads: true });
    const indexes = rows.map(([id, schema, table, column]) => ({
      id: Number(id),
      schema: schema ?? '',
      table: table ?? '',
      column: column ?? '',
      saved: withFiles.has(Number(id)),
    }));
    const known = new Set(indexes.map(({ id }) => id));
    for (const id of withFiles)
      if (place !== undefined && !known.has(id)) await removeFilesOf(place.folder, id);
    for (const { name } of consumers) {
      if (!known.has(Number(name.slice(prefix.length)))) await this.#database.changes.forget(name);
    }
    return indexes;
  }

  /** Files and consumer of an index that is not followed any more. */
  async remove(id: number): Promise<void> {
    const place = await this.#found();
    if (place === undefined) return;
    await removeFilesOf(place.folder, id);
    await this.#database.changes.forget(consumerOf(id));
  }

  async #found(): Promise<Place | undefined> {
    this.#place ??= this.#find().catch((detail: unknown) => {
      const message = 'Vector indexes cannot be saved, and are made anew at each start';
      this.#database.observe({ type: 'warning', message, detail });
      return undefined;
    });
    return await this.#place;
  }

  async #find(): Promise<Place | undefined> {
    const folder = await this.#database.folder('vectors');
    if (folder === undefined) return undefined;
    const { rows } = await this.#database.run(DATABASE_IDENTITY, [], { reads: true });
    return { folder, identity: rows[0]?.[0] ?? '' };
  }
}
