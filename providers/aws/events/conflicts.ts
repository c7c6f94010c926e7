import { ServerlessError, type Binding } from 'polyfaas/spi';
import type { Target } from '../model.ts';
import { bucketName, placeOf } from './arn.ts';
import { entryOf, overlap } from './object/entry.ts';
import { resourceKey } from './unbind.ts';

/** Refuses bindings that AWS does not allow beside each other. @throws ServerlessError INVALID_ARGUMENT, all at once. */
export function refuseConflicts(target: Target, bindings: readonly Binding[]): void {
  const problems = [...sameSources(target, bindings), ...overlaps(bindings)];
  if (problems.length === 0) return;
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: 'aws',
    function: target.ref.name,
    message: problems.join('\n'),
    details: { issues: problems },
  });
}

/** One function reads a source once: a second mapping, or subscription, of the two is refused by AWS. */
function sameSources(target: Target, bindings: readonly Binding[]): readonly string[] {
  const place = placeOf(target);
  const first = new Map<string, string>();
  const problems: string[] = [];
  for (const binding of bindings) {
    const key = resourceKey(place, binding);
    const other = first.get(key);
    if (other === undefined) first.set(key, binding.id);
    else {
      problems.push(
        `events.${binding.id}: the ${binding.event.type} is the one of "${other}", and on AWS a function is bound to a source once. Remove one of the two, or give the second to another function.`,
      );
    }
  }
  return problems;
}

/** S3 tells one listener of an object, not two. */
function overlaps(bindings: readonly Binding[]): readonly string[] {
  const entries = bindings.flatMap(({ id, event }) =>
    event.type === 'object' && event.enabled
      ? [{ ...entryOf(id, event), bucket: bucketName(event.bucket) }]
      : [],
  );
  return entries.flatMap((entry, index) => {
    const other = entries
      .slice(0, index)
      .find((one) => one.bucket === entry.bucket && overlap(one, entry));
    if (other === undefined) return [];
    return [
      `events.${entry.id}: the bucket "${entry.bucket}" would tell it of objects that "${other.id}" hears of, and S3 allows one listener for an event. Give the two prefixes or suffixes that no object shares, or different events in "on".`,
    ];
  });
}
