/** What the parser of commands on tables makes of a text. */
import type { Connection, DeclaredColumn, Multiplicity } from '../declared/index.ts';
import type { CatalogCall } from './is-table-command.ts';

export interface CreateNodeTable {
  readonly kind: 'create-node-table';
  readonly name: string;
  readonly ifNotExists: boolean;
  readonly columns: readonly DeclaredColumn[];
  readonly primaryKey: string;
}

export interface CreateRelTable {
  readonly kind: 'create-rel-table';
  readonly name: string;
  readonly ifNotExists: boolean;
  readonly connections: readonly Connection[];
  readonly columns: readonly DeclaredColumn[];
  readonly multiplicity: Multiplicity;
}

export interface DropTable {
  readonly kind: 'drop-table';
  readonly name: string;
  readonly ifExists: boolean;
}

export type AlterChange =
  | { readonly do: 'add-column'; readonly column: DeclaredColumn; readonly ifNotExists: boolean }
  | { readonly do: 'drop-column'; readonly column: string; readonly ifExists: boolean }
  | { readonly do: 'rename-column'; readonly column: string; readonly to: string }
  | { readonly do: 'rename-table'; readonly to: string }
  | { readonly do: 'add-connection'; readonly connection: Connection; readonly ifNotExists: boolean }
  | { readonly do: 'drop-connection'; readonly connection: Connection; readonly ifExists: boolean };

export interface AlterTable {
  readonly kind: 'alter-table';
  readonly name: string;
  readonly change: AlterChange;
}

export interface CommentOnTable {
  readonly kind: 'comment';
  readonly name: string;
  readonly comment: string;
}

export type CopySource =
  | { readonly kind: 'files'; readonly names: readonly string[] }
  | { readonly kind: 'query'; readonly text: string }
  | { readonly kind: 'parameter'; readonly name: string };

/** How a file is read; what is absent is found out or has its default. */
export interface CsvOptions {
  readonly header: boolean | undefined;
  readonly delimiter: string;
  readonly quote: string;
  /** Stands before a quote within quotes; the quote itself in files that double it. */
  readonly escape: string | undefined;
  /** Lines at the beginning that are left out. */
  readonly skip: number;
  /** Texts that stand for null when they are not in quotes. */
  readonly nullTexts: readonly string[];
}

export interface CopyFrom {
  readonly kind: 'copy-from';
  readonly name: string;
  /** Undefined: all columns of the table, in their order. */
  readonly columns: readonly string[] | undefined;
  readonly source: CopySource;
  readonly csv: CsvOptions;
  /** For a type between several pairs of labels: which pair. */
  readonly between: Connection | undefined;
}

export interface CallCatalog {
  readonly kind: 'call';
  readonly call: CatalogCall;
  readonly argument: string | undefined;
  /** YIELD, WHERE, RETURN and so on, as they were written; '' for none. */
  readonly tail: string;
}

export type TableCommand =
  | CreateNodeTable
  | CreateRelTable
  | DropTable
  | AlterTable
  | CommentOnTable
  | CopyFrom
  | CallCatalog;
