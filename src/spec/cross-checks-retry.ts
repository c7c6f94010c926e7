import type { Issue, Path } from './issues.ts';
import { isPlainObject } from './plain-data.ts';

/** A first delay that is longer than the longest one. */
export function retryIssues(retry: unknown, path: Path): readonly Issue[] {
  if (!isPlainObject(retry)) return [];
  const { delaySeconds, maxDelaySeconds } = retry;
  if (typeof delaySeconds !== 'number' || typeof maxDelaySeconds !== 'number') return [];
  if (delaySeconds <= maxDelaySeconds) return [];
  return [
    {
      path: [...path, 'delaySeconds'],
      message: `delaySeconds (${delaySeconds}) is more than maxDelaySeconds (${maxDelaySeconds}). Lower the one or raise the other.`,
    },
  ];
}
