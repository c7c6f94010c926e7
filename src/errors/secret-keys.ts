/** Which names promise a secret, in what vendors write: headers, forms, JSON, connection strings. */
import { hasSecretName } from '../spec/secret-like.ts';

/** Ends of names, beside those of environment variables. */
const LAST_WORD =
  /(?:^|[^a-z])(?:authorization|auth|bypass|cookie|pass|signature|sig|api[-_]?key|connection[-_]?string|secret[-_]?string|(?:account|functions?|host|master|shared|subscription|system)[-_]?key)$/i;

/** Names that sentences use too: `Invalid token: expired`. */
const IN_SENTENCES = /(?:^|[^a-z])(?:token|authorization|auth|bypass|cookie|pass|signature|sig)$/i;

/** True for `refresh_token`, `x-functions-key`, `AccountKey`, `Authorization`. */
export function isSecretKey(name: string): boolean {
  return hasSecretName(name) || LAST_WORD.test(inWords(name));
}

/** True when it is more likely a sentence that goes on after a colon. */
export function mayBeProse(name: string, value: string): boolean {
  return IN_SENTENCES.test(inWords(name)) && /^[A-Za-z]?[a-z]*[.!?)]?$/.test(value);
}

/** With its words apart: `accountKey` is `account_Key`. */
function inWords(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2');
}
