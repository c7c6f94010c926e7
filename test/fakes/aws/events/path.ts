/** The JSON paths that EventBridge knows: `$`, `$.detail.user-id`, `$.resources[0]`, `$.detail.items[*].id`. */
import { isList, isObject } from './json.ts';

const PATH = /^\$((\.[\w/-]+)|(\[(\d+|\*)\]))*$/;

export function isPath(text: string): boolean {
  return PATH.test(text);
}

/** What the path leads to; undefined when there is nothing. */
export function atPath(root: unknown, path: string): unknown {
  const steps = path.match(/\.[\w/-]+|\[(?:\d+|\*)\]/g) ?? [];
  return steps.reduce<unknown>(step, root);
}

function step(value: unknown, text: string): unknown {
  if (text.startsWith('.')) {
    const key = text.slice(1);
    if (isObject(value)) return value[key];
    // Behind `[*]` the rest of the path is followed for each item.
    return isList(value) ? found(value.map((item) => step(item, text))) : undefined;
  }
  if (!isList(value)) return undefined;
  const index = text.slice(1, -1);
  return index === '*' ? value : value[Number(index)];
}

function found(items: readonly unknown[]): readonly unknown[] | undefined {
  const present = items.filter((item) => item !== undefined);
  return present.length === 0 ? undefined : present;
}
