import { ServerlessError, type Binding } from 'polyfaas/spi';
import type { Target } from '../model.ts';
import { bucketName, parseArn, placeOf, queueArn, sourceArn } from './arn.ts';
import { entryOf, overlap } from './object/entry.ts';
import { resourceKey } from './unbind.ts';

/** Refuses bindings that AWS does not allow beside each other. @throws ServerlessError INVALID_ARGUMENT, all at once. */
export function refuseConflicts(target: Target, bindings: readonly Binding[]): void {
  const problems = [
    ...elsewhere(target, bindings),
    ...sameSources(target, bindings),
    ...sameRoutes(bindings),
    ...overlaps(bindings),
  ];
  if (problems.length === 0) return;
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: 'aws',
    function: target.ref.name,
    message: problems.join('\n'),
    details: { issues: problems },
  });
}

/** What ARNs and addresses name lies where the function is, and dead letters where their queue is. */
function elsewhere(target: Target, bindings: readonly Binding[]): readonly string[] {
  const place = placeOf(target);
  return bindings.flatMap(({ id, event }) => {
    const problems: string[] = [];
    const check = (field: string, name: string, arn: string | undefined): void => {
      const region = parseArn(arn ?? '')?.region ?? '';
      if (region === '' || region === place.region) return;
      problems.push(
        `events.${id}.${field}: "${name}" is in ${region}, and the function in ${place.region}; AWS binds a function to what is in its own region. Name one in ${place.region}, or deploy the function to ${region}.`,
      );
    };
    const source = sourceArn(place, event);
    if (source !== undefined)
      check(event.type === 'object' ? 'bucket' : event.type, source, source);
    if (!('deadLetter' in event) || event.deadLetter === undefined) return problems;
    const dead = queueArn(place, event.deadLetter);
    check('deadLetter', event.deadLetter, dead);
    if (event.type !== 'queue') return problems;
    if (dead === source) {
      problems.push(
        `events.${id}.deadLetter: "${event.deadLetter}" is the queue itself, so a failed message would never leave it. Name another queue.`,
      );
    } else if (parseArn(dead)?.account !== parseArn(source ?? '')?.account) {
      problems.push(
        `events.${id}.deadLetter: "${event.deadLetter}" is in another account than the queue "${event.queue}", and SQS moves dead letters within an account only. Name a queue of the same account.`,
      );
    }
    return problems;
  });
}

/** A request can be for one of them only. */
function sameRoutes(bindings: readonly Binding[]): readonly string[] {
  const first = new Map<string, string>();
  return bindings.flatMap(({ id, event }) => {
    if (event.type !== 'http' || !event.enabled) return [];
    const shape = event.path.replaceAll(/\{[^}]*?(\+?)\}/g, '{$1}');
    const taken = event.methods.flatMap((method) => {
      const route = `${method} ${shape}`;
      const other = first.get(route);
      if (other === undefined) first.set(route, id);
      return other === undefined ? [] : [{ method, other }];
    });
    return taken
      .slice(0, 1)
      .map(
        ({ method, other }) =>
          `events.${id}: "${method} ${event.path}" matches the same requests as the route of "${other}". Give one of the two another method or path, or remove it.`,
      );
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
