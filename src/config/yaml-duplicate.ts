import type { Document } from 'yaml';

/**
 * The first key that stands twice in one map. The parser's own check compares each key with all those before: a file of
 * many keys takes minutes.
 */
export function findDoubleKey(
  yaml: typeof import('yaml'),
  document: Document.Parsed,
): { readonly key: string; readonly offset: number } | undefined {
  let first: { readonly key: string; readonly offset: number } | undefined;
  const left: unknown[] = [document.contents];
  while (left.length > 0) {
    const node = left.pop();
    if (yaml.isSeq(node)) for (const item of node.items) left.push(item);
    if (!yaml.isMap(node)) continue;
    const keys = new Set<unknown>();
    for (const { key, value } of node.items) {
      left.push(key, value);
      if (!yaml.isScalar(key)) continue;
      const offset = key.range?.[0] ?? 0;
      if (keys.has(key.value) && (first === undefined || offset < first.offset)) {
        first = { key: String(key.value), offset };
      }
      keys.add(key.value);
    }
  }
  return first;
}
