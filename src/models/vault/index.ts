/** Front door of the vault: encrypted values, with access by identity and an audit. */
export { VAULT_KEY_BYTES, vaultKey } from './keys.ts';
export {
  VAULT_OPERATIONS,
  vaultAudit,
  vaultDelete,
  vaultGet,
  vaultGrant,
  vaultList,
  vaultReseal,
  vaultRevoke,
  vaultRotate,
  vaultSet,
} from './operations.ts';
