/** What a field of a cron expression may say. */
export interface CronRange {
  readonly min: number;
  readonly max: number;
  /** Where `*` ends; less than `max` where two numbers mean the same. */
  readonly last: number;
  /** Words for the numbers from `min` on, in capitals. */
  readonly names: readonly string[];
}

/** All values of a field in capitals, sorted; undefined when it is none. Pure. */
export function cronValues(text: string, range: CronRange): readonly number[] | undefined {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(?:(\*)|([0-9A-Z]+)(?:-([0-9A-Z]+))?)(?:\/(\d+))?$/.exec(part);
    if (match === null) return undefined;
    const [, star, first, end, step] = match;
    const from = star ? range.min : numberOf(first, range);
    const to = star ? range.last : end === undefined ? from : numberOf(end, range);
    const by = Number(step ?? 1);
    if (from === undefined || to === undefined || by < 1) return undefined;
    if (from > to || from < range.min || to > range.max) return undefined;
    // `5/10` is read in more than one way.
    if (step !== undefined && !star && end === undefined) return undefined;
    for (let value = from; value <= to; value += by) values.add(value);
  }
  return [...values].toSorted((a, b) => a - b);
}

function numberOf(text: string | undefined, { min, names }: CronRange): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const at = names.indexOf(text);
  return at < 0 ? undefined : at + min;
}

/** `*\/10`; undefined for values that no step from `min` on gives, all of them included. */
export function cronStep(values: readonly number[], min: number, max: number): string | undefined {
  const [first, second] = values;
  if (first !== min || second === undefined) return undefined;
  const by = second - first;
  const isEven = values.every((value, index) => value === first + index * by);
  return by > 1 && isEven && (values.at(-1) ?? 0) + by > max ? `*/${by}` : undefined;
}

/** `1-5,7` */
export function cronRuns(values: readonly number[]): string {
  const parts: string[] = [];
  let start = 0;
  for (let index = 1; index <= values.length; index += 1) {
    if (values[index] === (values[index - 1] ?? 0) + 1) continue;
    const [first = 0, last = 0] = [values[start], values[index - 1]];
    parts.push(first === last ? String(first) : `${first}-${last}`);
    start = index;
  }
  return parts.join(',');
}
