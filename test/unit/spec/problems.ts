/** What validation says of configurations, as the tests read it. */
import { ServerlessError } from '../../../src/errors/index.ts';
import { validateConfig } from '../../../src/spec/validate.ts';

export const fn = { entry: './orders.ts' };

/** The problems of a configuration, by path. */
export function problems(value: unknown): Record<string, string> {
  try {
    validateConfig(value);
    return {};
  } catch (error) {
    if (!ServerlessError.isInstance(error) || error.code !== 'INVALID_ARGUMENT') throw error;
    const issues = JSON.parse(JSON.stringify(error.details?.['issues'] ?? []));
    return Object.fromEntries(
      issues.map((i: { path: string; message: string }) => [i.path, i.message]),
    );
  }
}

export const withFunction = (spec: object): unknown => ({
  functions: { orders: { ...fn, ...spec } },
});
export const withEvent = (...events: object[]): unknown => withFunction({ events });
