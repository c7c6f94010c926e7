/** Labels: https://cloud.google.com/resource-manager/docs/labels-overview#requirements */
import { GoogleFault } from './fault.ts';
import { mapOf } from './json.ts';

const KEY = /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u;
const VALUE = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u;
const MOST = 64;

/** @throws GoogleFault INVALID_ARGUMENT for labels that are none */
export function checkLabels(labels: unknown): void {
  const entries = Object.entries(mapOf(labels));
  if (entries.length > MOST) {
    throw new GoogleFault('INVALID_ARGUMENT', `Too many labels: at most ${MOST} are allowed.`);
  }
  for (const [key, value] of entries) {
    if (!KEY.test(key)) throw new GoogleFault('INVALID_ARGUMENT', `Invalid label key: "${key}".`);
    if (typeof value !== 'string' || !VALUE.test(value)) {
      throw new GoogleFault(
        'INVALID_ARGUMENT',
        `Invalid label value: "${String(value)}" of the key "${key}". Values are lower case letters, digits, underscores and dashes, at most 63 characters.`,
      );
    }
  }
}
