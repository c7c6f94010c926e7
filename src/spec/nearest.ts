/** The known name that is most like `name`, if any is like it at all. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const wanted = plain(name);
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of known) {
    const other = plain(candidate);
    const distance = Math.min(editDistance(wanted, other), kinship(name, candidate));
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * The known name that `name` is a slip of: a letter or two of it are wrong, and nothing else. Names of up to three letters,
 * such as `sns` and `sqs`, are near to each other and mean different things, and so do names that have another word more.
 */
export function typoOf(name: string, known: readonly string[]): string | undefined {
  const wanted = plain(name);
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of known) {
    const other = plain(candidate);
    const length = Math.min(wanted.length, other.length);
    if (length <= 3 || wordCount(name) !== wordCount(candidate)) continue;
    const distance = editDistance(wanted, other);
    if (distance < bestDistance && distance <= (length < 6 ? 1 : 2)) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `event_bus`, `event-bus` and `eventBus` are two words. */
function wordCount(name: string): number {
  return name.slice(0, 64).split(/[_-]+|(?<=[a-z\d])(?=[A-Z])/).length;
}

/** Names that edits do not bring together: `memory` or `memorySize`, and `memoryMb`. */
function kinship(name: string, candidate: string): number {
  const [left, right] = [plain(name), plain(candidate)];
  const shorter = Math.min(left.length, right.length);
  if (shorter >= 3 && (left.startsWith(right) || right.startsWith(left))) return 1.5;
  const [word, other] = [firstWord(name), firstWord(candidate)];
  if (word.length >= 3 && word === other) return 2.5;
  // `memroy` is two edits away from the word that it is a part of, and four from the name.
  const typos = word.length >= 5 ? editDistance(word, other) : Number.POSITIVE_INFINITY;
  return typos <= 2 ? 2.5 + typos / 10 : Number.POSITIVE_INFINITY;
}

function firstWord(name: string): string {
  return /^[A-Za-z]?[a-z]*/.exec(name)?.[0].toLowerCase() ?? '';
}

function plain(name: string): string {
  return name.slice(0, 64).toLowerCase().replaceAll(/[_-]/g, '');
}

function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const change = left[row - 1] === right[column - 1] ? 0 : 1;
      current.push(
        Math.min(
          (previous[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (previous[column - 1] ?? 0) + change,
        ),
      );
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}
