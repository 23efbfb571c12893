/** Tags, links and custom entries of an artifact. All of them are sets: saying what is so already changes nothing. */
import { LIMITS } from '../../base/index.ts';
import type { Parameter, Statement } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { patiently } from './artifact.ts';
import {
  checkCount,
  checkCustomKey,
  checkCustomValue,
  checkEntity,
  checkId,
  checkTag,
  noArtifact,
} from './names.ts';
import type {
  ChangeResult,
  GetMetaInput,
  GetMetaResult,
  LinkInput,
  SetMetaInput,
  TagInput,
} from './schemas.ts';
import { GET_META, LINK, SET_META, TAG } from './statements.ts';

/** @throws ARTIFACT_NOT_FOUND, LIMIT_EXCEEDED when it was not changed although it should have been */
async function change(
  context: OperationContext,
  statement: Statement,
  id: string,
  parameters: readonly Parameter[],
  full: () => void,
): Promise<ChangeResult> {
  checkId(id);
  const { rows } = await patiently(context, statement, [id, ...parameters]);
  const [row] = rows;
  if (row === undefined) throw noArtifact(id);
  const changed = row[0] === '1';
  if (!changed && row[1] === 'f') full();
  return { changed };
}

const tooMany = (what: string, most: number, limit: string) => (): void =>
  checkCount(most + 1, what, most, limit);
const fullOfTags = tooMany('tags', LIMITS.blobTagsMax, 'blobTagsMax');
const fullOfLinks = tooMany('links', LIMITS.blobLinksMax, 'blobLinksMax');
const fullOfEntries = tooMany('custom entries', LIMITS.blobCustomEntriesMax, 'blobCustomEntriesMax');

/** @throws ARTIFACT_NOT_FOUND, LIMIT_EXCEEDED, INVALID_PARAMETER, LOCK_TIMEOUT */
export async function tag(context: OperationContext, input: TagInput): Promise<ChangeResult> {
  checkTag(input.tag);
  const parameters = [input.tag, String(LIMITS.blobTagsMax)];
  return change(context, TAG.add, input.artifactId, parameters, fullOfTags);
}

/** @throws ARTIFACT_NOT_FOUND, INVALID_PARAMETER, LOCK_TIMEOUT */
export async function untag(context: OperationContext, input: TagInput): Promise<ChangeResult> {
  checkTag(input.tag);
  return change(context, TAG.remove, input.artifactId, [input.tag], fullOfTags);
}

/** @throws ARTIFACT_NOT_FOUND, LIMIT_EXCEEDED, INVALID_PARAMETER, LOCK_TIMEOUT */
export async function link(context: OperationContext, input: LinkInput): Promise<ChangeResult> {
  checkEntity(input.entity);
  const parameters = [input.entity, String(LIMITS.blobLinksMax)];
  return change(context, LINK.add, input.artifactId, parameters, fullOfLinks);
}

/** @throws ARTIFACT_NOT_FOUND, INVALID_PARAMETER, LOCK_TIMEOUT */
export async function unlink(context: OperationContext, input: LinkInput): Promise<ChangeResult> {
  checkEntity(input.entity);
  return change(context, LINK.remove, input.artifactId, [input.entity], fullOfLinks);
}

/** @throws ARTIFACT_NOT_FOUND, LIMIT_EXCEEDED, INVALID_PARAMETER, LOCK_TIMEOUT */
export async function setMeta(context: OperationContext, input: SetMetaInput): Promise<ChangeResult> {
  checkCustomKey(input.key);
  if (input.value !== null) checkCustomValue(input.value);
  const parameters = [input.key, input.value, String(LIMITS.blobCustomEntriesMax)];
  return change(context, SET_META, input.artifactId, parameters, fullOfEntries);
}

/** @throws ARTIFACT_NOT_FOUND, INVALID_PARAMETER */
export async function getMeta(context: OperationContext, input: GetMetaInput): Promise<GetMetaResult> {
  checkId(input.artifactId);
  checkCustomKey(input.key);
  const { database, transaction, signal } = context;
  const { rows } = await database.run(GET_META, [input.artifactId, input.key], {
    transaction,
    signal,
    reads: true,
  });
  if (rows[0] === undefined) throw noArtifact(input.artifactId);
  return { value: rows[0][0] ?? null };
}
