import type { SpecIssue } from 'polyfaas/spi';

/** Collects what is wrong with one binding. */
export interface Report {
  /** @param field Below the binding: `queue`, `retry.maxAttempts`; empty for the binding itself. */
  issue(field: string, message: string): void;
  warn(warning: NonNullable<SpecIssue['warning']>, field: string, message: string): void;
}

/** Writes into a list, with paths below this one. */
export function reportTo(issues: SpecIssue[], below: string): Report {
  const path = (field: string): string => (field === '' ? below : `${below}.${field}`);
  return {
    issue: (field, message) => void issues.push({ path: path(field), message }),
    warn: (warning, field, message) => void issues.push({ path: path(field), message, warning }),
  };
}
