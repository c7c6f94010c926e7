import { describe, expect, it } from 'vitest';
import { apiError } from '../../../providers/vercel/clients/answer.ts';
import { classify } from '../../../providers/vercel/errors.ts';

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

/** Milliseconds since the epoch, at which all bodies came. */
export const NOW = 1_786_400_000_000;

/** An answer of the API, as it comes over the wire. */
export function refused(
  status: number,
  error: object | string,
  headers: Readonly<Record<string, string>> = {},
): unknown {
  const text = typeof error === 'string' ? error : JSON.stringify({ error });
  return apiError({ status, headers, text }, 'POST /v13/deployments', NOW);
}
