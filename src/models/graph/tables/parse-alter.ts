/** ALTER TABLE: what is added, dropped or renamed. */
import { FacetError } from '../../../base/index.ts';
import { checkColumnName, columnDefinition, connection } from './parse-columns.ts';
import type { AlterChange, AlterTable } from './table-command.ts';
import type { TokenReader } from './token-reader.ts';

/** Behind ALTER TABLE. */
export function parseAlter(reader: TokenReader): AlterTable {
  const name = reader.name('the name of a table');
  return { kind: 'alter-table', name, change: changeOf(reader) };
}

function changeOf(reader: TokenReader): AlterChange {
  if (reader.acceptWords('ADD')) {
    const ifNotExists = reader.acceptWords('IF', 'NOT', 'EXISTS');
    if (reader.isWord('FROM') && reader.isWord('TO', 2)) {
      return { do: 'add-connection', connection: connection(reader), ifNotExists };
    }
    const column = columnDefinition(reader);
    checkColumnName(column.name);
    if (column.type.base === 'SERIAL') {
      throw new FacetError('FEATURE_NOT_SUPPORTED', 'A column SERIAL cannot be added later', {
        hint: 'Declare it with the table.',
      });
    }
    return { do: 'add-column', column, ifNotExists };
  }
  if (reader.acceptWords('DROP')) {
    const ifExists = reader.acceptWords('IF', 'EXISTS');
    if (reader.isWord('FROM') && reader.isWord('TO', 2)) {
      return { do: 'drop-connection', connection: connection(reader), ifExists };
    }
    return { do: 'drop-column', column: reader.name('the name of a column'), ifExists };
  }
  reader.expectWords('RENAME');
  if (reader.isWord('TO') && !reader.isWord('TO', 1)) {
    reader.advance();
    return { do: 'rename-table', to: reader.name('the name of a table') };
  }
  const column = reader.name('the name of a column');
  reader.expectWords('TO');
  const to = reader.name('the name of a column');
  checkColumnName(to);
  return { do: 'rename-column', column, to };
}
