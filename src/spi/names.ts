import { createHash } from 'node:crypto';
import type { NameRule } from './capabilities.ts';
import type { FunctionRef } from './plan.ts';

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const HASH_LENGTH = 8;

/** 8 base32 characters of a text's SHA-256. */
export function shortHash(text: string): string {
  const bytes = createHash('sha256').update(text).digest();
  let out = '';
  for (let index = 0; index < HASH_LENGTH; index += 1) {
    out += BASE32.charAt((bytes[index] ?? 0) & 31);
  }
  return out;
}

/**
 * The platform's name for a function: `app-stage-name`, readable, and with 8 base32 characters of its SHA-256
 * when it had to be changed, cut, or must be globally unique.
 *
 * @example
 * ```ts
 * import { physicalName } from 'polyfaas/spi';
 *
 * physicalName({ app: 'shop', stage: 'dev', name: 'orders' }, { maxLength: 64, characters: 'a-z0-9-' });
 * // 'shop-dev-orders'
 * ```
 */
export function physicalName(ref: FunctionRef, rule: NameRule): string {
  const separator = rule.separator ?? '-';
  const plain = [ref.app, ref.stage, ref.name].join(separator);
  const cased = (rule.lowerCase ?? true) ? plain.toLowerCase() : plain;
  const allowed = new RegExp(`[^${rule.characters}]+`, 'g');
  const allowedOnly = cased.replace(allowed, separator);
  const needsLetter = rule.startsWithLetter === true && !/^[A-Za-z]/.test(allowedOnly);
  const slug = needsLetter ? `f${allowedOnly}` : allowedOnly;
  if (slug === plain && slug.length <= rule.maxLength && !rule.globallyUnique) return slug;
  // The parts are joined by a character that no name can hold, so that `a-b` + `c` and `a` + `b-c` differ.
  const hash = shortHash([ref.app, ref.stage, ref.name].join('\u0000'));
  const room = rule.maxLength - HASH_LENGTH - separator.length;
  return `${slug.slice(0, room)}${separator}${hash}`;
}
