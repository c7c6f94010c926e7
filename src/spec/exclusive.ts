/** What is wrong with how a schedule says its times, or undefined. */
export function timingProblem(event: {
  readonly every?: unknown;
  readonly cron?: unknown;
  readonly timezone?: unknown;
}): string | undefined {
  if (event.every === undefined && event.cron === undefined) {
    return 'says neither "every" nor "cron". Give one of them, such as every: "5 minutes".';
  }
  if (event.every !== undefined && event.cron !== undefined) {
    return 'says both "every" and "cron". Keep one of them.';
  }
  return undefined;
}

/** Where a function's code can come from. */
export const CODE_FIELDS = ['entry', 'source', 'artifact', 'image'] as const;

/** What is wrong with where a function's code comes from, or undefined. */
export function codeProblem(
  spec: Readonly<Partial<Record<(typeof CODE_FIELDS)[number], unknown>>>,
): string | undefined {
  const given = CODE_FIELDS.filter((field) => spec[field] !== undefined);
  if (given.length === 1) return undefined;
  if (given.length === 0) {
    return 'says nothing of its code. Give one of entry (a file), source (inline code), artifact (a zip), image (a container image).';
  }
  return `says ${given.join(' and ')}. Keep one of them: the code comes from one place.`;
}
