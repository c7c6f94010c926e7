/** Whether what an adapter says of an error is a `Classification`: adapters may be written without types. */
import { ERROR_CODES } from '../errors/index.ts';
import { describeValue } from '../spec/describe-value.ts';
import type { Classification, ServerlessProvider } from '../spi/provider.ts';

/** A meaning, and what is wrong with the adapter where it gave none. */
export interface Meaning extends Classification {
  readonly defect?: string;
}

const CODES: ReadonlySet<unknown> = new Set(ERROR_CODES);

const FIELDS = {
  code: (value: unknown) => CODES.has(value),
  retryable: (value: unknown) => typeof value === 'boolean',
  retryAfterMs: (value: unknown) =>
    value === undefined || (typeof value === 'number' && !Number.isNaN(value)),
  didNotRun: (value: unknown) => value === undefined || typeof value === 'boolean',
  message: (value: unknown) => value === undefined || typeof value === 'string',
} satisfies Record<keyof Classification, (value: unknown) => boolean>;

/** An adapter that fails at it must not take the place of the failure that it was asked about. */
export function meaningOf(provider: Pick<ServerlessProvider, 'classify'>, cause: unknown): Meaning {
  try {
    const given = provider.classify(cause);
    const defect = whyNone(given);
    return defect === undefined ? given : unknownFor(`its classify() gave ${defect}`);
  } catch {
    return unknownFor('its classify() failed');
  }
}

/** What keeps a value from being a classification; an error of ours has the same fields. */
export function whyNone(given: unknown): string | undefined {
  if (typeof given !== 'object' || given === null) return describeValue([], given);
  if ('then' in given) {
    // Nobody awaits it, and it must not end the process.
    Promise.resolve(given).catch(() => undefined);
    return 'a promise';
  }
  for (const [field, isRight] of Object.entries(FIELDS)) {
    const value: unknown = Reflect.get(given, field);
    if (!isRight(value)) return `${field}: ${describeValue([], value)}`;
  }
  return undefined;
}

function unknownFor(defect: string): Meaning {
  return { code: 'UNKNOWN', retryable: false, defect };
}
