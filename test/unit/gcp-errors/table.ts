import { describe, expect, it } from 'vitest';
import { classify } from '../../../providers/gcp/errors.ts';

export interface Row {
  readonly what: string;
  readonly error: unknown;
  readonly code: string;
  readonly retryable?: boolean;
  /** Words of the message, in any order. */
  readonly says?: readonly string[];
  readonly more?: object;
}

export function table(title: string, rows: readonly Row[]): void {
  describe(`${title}:`, () => {
    it.each(rows)('$what', ({ error, code, retryable = false, says = [], more = {} }) => {
      const found = classify(error);
      expect(found).toMatchObject({ code, retryable, ...more });
      for (const word of says) expect(found.message).toContain(word);
    });
  });
}
