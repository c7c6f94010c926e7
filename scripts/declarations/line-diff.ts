/** The lines that differ between two texts, as `- old` and `+ new`; at most `limit` of them. */
export function lineDiff(before: string, after: string, limit = 80): string {
  const old = before.split('\n');
  const now = after.split('\n');
  const lengths = commonLengths(old, now);
  const lines: string[] = [];
  let left = 0;
  let right = 0;
  while (left < old.length || right < now.length) {
    const down = lengths[left + 1]?.[right] ?? -1;
    const across = lengths[left]?.[right + 1] ?? -1;
    if (left < old.length && right < now.length && old[left] === now[right]) {
      left += 1;
      right += 1;
    } else if (right >= now.length || (left < old.length && down >= across)) {
      lines.push(`- ${old[left] ?? ''}`);
      left += 1;
    } else {
      lines.push(`+ ${now[right] ?? ''}`);
      right += 1;
    }
  }
  const shown = lines.slice(0, limit);
  if (lines.length > limit) shown.push(`... and ${lines.length - limit} more lines`);
  return shown.join('\n');
}

/** `[i][j]`: the length of the longest common subsequence of `old` from `i` and `now` from `j`. */
function commonLengths(old: readonly string[], now: readonly string[]): readonly Uint32Array[] {
  const table = Array.from({ length: old.length + 1 }, () => new Uint32Array(now.length + 1));
  for (let left = old.length - 1; left >= 0; left -= 1) {
    const row = table[left];
    const below = table[left + 1];
    if (!row || !below) continue;
    for (let right = now.length - 1; right >= 0; right -= 1)
      row[right] =
        old[left] === now[right]
          ? (below[right + 1] ?? 0) + 1
          : Math.max(below[right] ?? 0, row[right + 1] ?? 0);
  }
  return table;
}
