/** Recognises what is probably a secret, so that it is never printed and never deployed as plain text unnoticed. */

/** Ends of an environment variable's name that promise a secret. */
const SECRET_WORDS = new Set([
  'TOKEN',
  'SECRET',
  'PASSWORD',
  'PASSWD',
  'PASSPHRASE',
  'PWD',
  'CREDENTIAL',
  'CREDENTIALS',
  'APIKEY',
]);
/** Words before a last `KEY`. */
const KEY_WORDS = new Set(['API', 'ACCESS', 'PRIVATE', 'SECRET', 'SIGNING', 'ENCRYPTION', 'AUTH']);

/** The longest piece of a value that is looked at. */
const LOOK_AT_CHARACTERS = 8_192;

const SHAPES: readonly RegExp[] = [
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/,
  /\bgh[pousr]_[A-Za-z0-9]{20}/,
  /\bgithub_pat_[A-Za-z0-9_]{20}/,
  /\bglpat-[A-Za-z0-9_-]{16}/,
  /\bsk-[A-Za-z0-9_-]{16}/,
  /\b[sr]k_(?:live|test)_[A-Za-z0-9]{10}/,
  /\bxox[abprs]-[A-Za-z0-9-]{10}/,
  /\bAIza[A-Za-z0-9_-]{35}/,
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----/,
  /\beyJ[A-Za-z0-9_-]{5,4000}\.eyJ[A-Za-z0-9_-]{5}/,
  /\b(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/=]{16}/,
  /\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@]{0,200}:[^\s/@]{1,200}@/i,
];

function words(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .filter((word) => word !== '');
}

/** True for names such as `GITHUB_TOKEN`, `dbPassword`, `API_KEY`. */
export function hasSecretName(name: string): boolean {
  const parts = words(name);
  const last = parts.at(-1) ?? '';
  if (SECRET_WORDS.has(last)) return true;
  return last === 'KEY' && KEY_WORDS.has(parts.at(-2) ?? '');
}

/** True for values shaped like known keys: cloud and API keys, private keys, tokens, addresses with a password. */
export function hasSecretShape(value: string): boolean {
  const piece = value.slice(0, LOOK_AT_CHARACTERS);
  return SHAPES.some((shape) => shape.test(piece));
}

/** True when a plain environment value should be a `secret(name)`. Switches and numbers are not secrets. */
export function isSecretLike(name: string, value: string): boolean {
  if (hasSecretShape(value)) return true;
  return hasSecretName(name) && !/^(?:|true|false|yes|no|on|off|none|\d{1,5})$/i.test(value);
}
