/** Ids as Vercel makes them: a prefix, and 24 letters and digits. */
import { randomBytes } from 'node:crypto';

const CHARACTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789';

export function newId(prefix: string, length = 24): string {
  const letters = [...randomBytes(length)].map((byte) => CHARACTERS[byte % CHARACTERS.length]);
  return `${prefix}${letters.join('')}`;
}
