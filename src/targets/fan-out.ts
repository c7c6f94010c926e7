/** One operation on every target at once. */
import { ServerlessError } from '../errors/index.ts';
import type { JsonObject } from '../function/json.types.ts';
import type { Targeted } from './types.ts';

/** What is done everywhere, to what. */
export interface FanOut {
  readonly operation: string;
  readonly name: string;
  /** It changes nothing: there is nothing to finish. Default false. */
  readonly isRead?: boolean;
}

/**
 * Waits until every target has ended, whatever becomes of the others.
 *
 * @throws ServerlessError with the code of the first target that failed, when one did; its message and its `details.targets`
 *   tell of each. What was done stays done: the same call again does only what is missing. What was wrong before any
 *   platform was asked, such as a wrong name, is told once.
 */
export async function fanOut<Target, Result extends object>(
  targets: ReadonlyMap<string, Target>,
  about: FanOut,
  work: (target: Target) => Promise<Result>,
): Promise<Targeted<Result>> {
  const ends = await Promise.all(
    [...targets].map(async ([id, target]): Promise<End<Result>> => {
      try {
        return { id, isDone: true, result: await work(target) };
      } catch (error) {
        return { id, isDone: false, error };
      }
    }),
  );
  const failed = ends.find((end) => !end.isDone);
  if (failed !== undefined) {
    throw isWrongAtOnce(ends) ? failed.error : partial(about, ends, failed);
  }
  const results = ends.flatMap((end) => (end.isDone ? [end] : []));
  const [first] = results;
  if (first === undefined) throw new TypeError('There is no target.');
  const all = Object.fromEntries(results.map(({ id, result }) => [id, result]));
  const said = 'warnings' in first.result ? { warnings: warningsOf(ends) } : {};
  const { removed, changed } = anyOf(results.map(({ result }) => result));
  return {
    ...first.result,
    ...said,
    ...('removed' in first.result ? { removed } : {}),
    ...('changed' in first.result ? { changed } : {}),
    targets: all,
  };
}

/** What was done on any of them was done. */
function anyOf(results: readonly object[]): {
  readonly removed: boolean;
  readonly changed: boolean;
} {
  return {
    removed: results.some((result) => 'removed' in result && result.removed === true),
    changed: results.some((result) => 'changed' in result && result.changed === true),
  };
}

/** What any of them has to say, once each. */
function warningsOf(ends: readonly End<object>[]): readonly JsonObject[] {
  const said = ends.flatMap((end): readonly JsonObject[] => {
    const told = end.isDone
      ? end.result
      : ServerlessError.isInstance(end.error) && end.error.details;
    const warnings: unknown = told && 'warnings' in told ? told.warnings : undefined;
    return Array.isArray(warnings) ? warnings.filter(isObject) : [];
  });
  return [...new Map(said.map((one) => [JSON.stringify(one), one])).values()];
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type End<Result> =
  | { readonly id: string; readonly isDone: true; readonly result: Result }
  | { readonly id: string; readonly isDone: false; readonly error: unknown };

/** All say the same, and none of them names a provider: the call was refused before it came to platforms. */
function isWrongAtOnce(ends: readonly End<object>[]): boolean {
  const refusals = ends.map((end) =>
    !end.isDone && ServerlessError.isInstance(end.error) && end.error.provider === undefined
      ? statusText(end.error)
      : undefined,
  );
  return refusals[0] !== undefined && new Set(refusals).size === 1;
}

interface Status {
  readonly id: string;
  readonly isDone: boolean;
  readonly text: string;
}

function statusOf(end: End<object>): Status {
  if (end.isDone) return { id: end.id, isDone: true, text: 'done' };
  return { id: end.id, isDone: false, text: statusText(end.error) };
}

/** How one target's failure is told beside those of others. */
export function statusText(error: unknown): string {
  const code = ServerlessError.isInstance(error) ? error.code : 'UNKNOWN';
  return `${code}: ${error instanceof Error ? error.message : String(error)}`;
}

function partial(
  { operation, name, isRead = false }: FanOut,
  ends: readonly End<object>[],
  first: { readonly id: string; readonly error: unknown },
): ServerlessError {
  const all = ends.map(statusOf);
  const warnings = warningsOf(ends);
  const { error } = first;
  const known = ServerlessError.isInstance(error) ? error : undefined;
  const lines = all.map(({ id, text }) => `  ${id}: ${text}`).join('\n');
  const done = all.find(({ isDone }) => isDone);
  const next =
    done === undefined
      ? ''
      : isRead
        ? ` Use manager.target('${done.id}').${operation}(...) for what one of them knows.`
        : ' What is done stays; the same call again does only what is missing.';
  return new ServerlessError({
    code: known?.code ?? 'UNKNOWN',
    retryable: known?.retryable,
    retryAfterMs: known?.retryAfterMs,
    provider: first.id,
    function: name,
    step: known?.step,
    message: `${operation} of "${name}" did not succeed on every target.${next}\n${lines}`,
    details: {
      ...known?.details,
      targets: Object.fromEntries(all.map(({ id, text }) => [id, text])),
      ...(warnings.length > 0 ? { warnings } : {}),
    },
    cause: error,
  });
}
