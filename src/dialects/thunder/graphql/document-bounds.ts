/**
 * How large a document may be. A few hundred bytes can ask for more than a server has: many fields under other names,
 * fragments in fragments, lists in lists. Each bound is looked at before the step that it protects: size and nesting before
 * parsing, which recurses; the rest before validation, whose time grows with the square of the fields.
 */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  Lexer,
  type SelectionSetNode,
  Source,
  TokenKind,
} from 'graphql';
import { FacetError, LIMITS } from '../../../base/index.ts';

const OPENING = new Set<string>([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSING = new Set<string>([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/**
 * What can be seen before parsing.
 * @throws LIMIT_EXCEEDED; GraphQLError for what is no token
 */
export function assertReadable(text: string): void {
  if (text.length > LIMITS.graphqlDocumentCharactersMax) {
    throw beyond('is longer than', 'graphqlDocumentCharactersMax', 'characters');
  }
  const lexer = new Lexer(new Source(text));
  let depth = 0;
  for (let tokens = 0; lexer.advance().kind !== TokenKind.EOF; tokens++) {
    if (tokens >= LIMITS.graphqlTokensMax) throw beyond('has more than', 'graphqlTokensMax', 'tokens');
    const { kind } = lexer.token;
    if (OPENING.has(kind)) depth++;
    else if (CLOSING.has(kind)) depth--;
    if (depth > LIMITS.graphqlNestingMax)
      throw beyond('nests brackets deeper than', 'graphqlNestingMax', 'levels');
  }
}

/** What a selection comes to with its fragments in their places. */
interface Weight {
  fields: number;
  aliases: number;
  directives: number;
  depth: number;
  /** Selected at its top: of an operation, so many operations of the server it calls. */
  topFields: number;
}

/**
 * What can be seen after parsing. Whether fields exist is not looked at.
 * @throws LIMIT_EXCEEDED
 */
export function assertBounded(document: DocumentNode): void {
  const definitions = document.definitions.length;
  if (definitions > LIMITS.graphqlDefinitionsMax) {
    throw beyond('has more than', 'graphqlDefinitionsMax', 'operations and fragments');
  }
  const scale = new Scale(document);
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) {
      const { topFields } = assertLight(scale.weigh(definition.selectionSet));
      if (topFields > LIMITS.graphqlRootFieldsMax) {
        throw beyond('has more than', 'graphqlRootFieldsMax', 'fields at the top of an operation');
      }
    } else if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      // Also those that no operation uses: validation walks them.
      assertLight(scale.weigh(definition.selectionSet));
    }
  }
}

function assertLight(weight: Weight): Weight {
  const { fields, aliases, directives, depth } = weight;
  if (fields > LIMITS.graphqlFieldsMax) throw beyond('selects more than', 'graphqlFieldsMax', 'fields');
  if (aliases > LIMITS.graphqlAliasesMax) throw beyond('has more than', 'graphqlAliasesMax', 'aliases');
  if (directives > LIMITS.graphqlDirectivesMax)
    throw beyond('has more than', 'graphqlDirectivesMax', 'directives');
  if (depth > LIMITS.graphqlDepthMax) throw beyond('selects deeper than', 'graphqlDepthMax', 'levels');
  return weight;
}

/** Weighs each fragment once, so that fragments in fragments take no time that grows with what they come to. */
class Scale {
  readonly #fragments = new Map<string, FragmentDefinitionNode>();
  readonly #weights = new Map<string, Weight>();

  constructor(document: DocumentNode) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION)
        this.#fragments.set(definition.name.value, definition);
    }
  }

  weigh({ selections }: SelectionSetNode): Weight {
    const total = { fields: 0, aliases: 0, directives: 0, depth: 0, topFields: 0 };
    for (const selection of selections) {
      total.directives += selection.directives?.length ?? 0;
      switch (selection.kind) {
        case Kind.FIELD: {
          const below = selection.selectionSet === undefined ? NOTHING : this.weigh(selection.selectionSet);
          add(total, { ...below, fields: below.fields + 1, depth: below.depth + 1, topFields: 1 });
          if (selection.alias !== undefined) total.aliases++;
          break;
        }
        case Kind.INLINE_FRAGMENT:
          add(total, this.weigh(selection.selectionSet));
          break;
        case Kind.FRAGMENT_SPREAD:
          add(total, this.#ofFragment(selection.name.value));
      }
    }
    return total;
  }

  #ofFragment(name: string): Weight {
    const known = this.#weights.get(name);
    if (known !== undefined) return known;
    const fragment = this.#fragments.get(name);
    if (fragment === undefined) return NOTHING;
    // Met again within itself it weighs nothing: validation refuses the circle.
    this.#weights.set(name, NOTHING);
    const weight = this.weigh(fragment.selectionSet);
    this.#weights.set(name, weight);
    return weight;
  }
}

const NOTHING: Weight = { fields: 0, aliases: 0, directives: 0, depth: 0, topFields: 0 };

function add(total: Weight, part: Weight): void {
  total.fields += part.fields;
  total.aliases += part.aliases;
  total.directives += part.directives;
  total.topFields += part.topFields;
  total.depth = Math.max(total.depth, part.depth);
}

type GraphqlLimit = Extract<keyof typeof LIMITS, `graphql${string}`>;

const beyond = (has: string, limit: GraphqlLimit, what: string): FacetError =>
  new FacetError('LIMIT_EXCEEDED', `The document ${has} ${LIMITS[limit]} ${what} (${limit})`);
