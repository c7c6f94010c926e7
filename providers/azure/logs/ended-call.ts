/** Rows of `AppExceptions`: what the host says of a call that it ended, or whose process did. */
import { parsedJson } from 'polyfaas/spi';
import { fieldsOf, listOf, textOf, type Row } from '../telemetry/query.ts';

/**
 * Their place in the chain of exceptions differs, and so does what the columns for the outermost and the innermost say: a
 * process that ended has what it printed of errors within (`WorkerProcess.cs` of azure-functions-host).
 */
const TIMED_OUT = 'FunctionTimeoutException';
/** A call beside one that took too long, whose exception it then holds, or in a process that ended without an error. */
const ABORTED = 'FunctionTimeoutAbortException';
const PROCESS_ENDED = 'WorkerProcessExitException';
const ENDS = [TIMED_OUT, ABORTED, PROCESS_ENDED];

/**
 * What the rows are chosen by, in KQL. Without an invocation they tell of a process: of each that is scaled in, and once
 * more of one that ended in a call.
 */
export const TELLS_OF_END = `(${ENDS.map((type) => `tostring(Details) contains "${type}"`).join(' or ')}) and isnotempty(tostring(Properties.InvocationId))`;

/** What the worker of Node puts before what it says of itself (`Logger.ts` and `Worker.ts` of azure-functions-nodejs-worker). */
const OF_WORKER = /LanguageWorkerConsoleLog\[\w+\] (?:Worker uncaught exception \([^)]*\): )?/g;

/** The SDK of .NET puts it where a message is empty. */
const NO_MESSAGE = 'n/a';

/** What a row of a call says of its end; undefined for any other. */
export function endOf(row: Row): string | undefined {
  const chain = exceptionsOf(row['Details']);
  const at = chain.findIndex(({ type }) => ENDS.some((end) => type.endsWith(end)));
  const end = chain[at];
  if (end === undefined) return undefined;
  const within = end.type.endsWith(PROCESS_ENDED)
    ? withoutPrefix(chain[at + 1]?.message ?? '')
    : '';
  // It may have printed that in other calls.
  const isOwn = within !== '' && !within.includes('{"polyfaas":');
  return isOwn && within !== NO_MESSAGE ? `${end.message}: ${within}` : end.message;
}

/** What the worker says of itself, without what it puts before it. */
export function withoutPrefix(text: string): string {
  return text.replaceAll(OF_WORKER, '');
}

const MOST_ENDS = 10_000;

/** Which rows were the first to tell of their ends. */
export class Ends {
  readonly #first = new Map<string, string>();

  /** Whether another row than this one told of it. */
  isTold(end: string, row: string): boolean {
    const first = this.#first.get(end);
    if (first !== undefined) return first !== row;
    this.#first.set(end, row);
    for (const oldest of this.#first.keys()) {
      if (this.#first.size <= MOST_ENDS) break;
      this.#first.delete(oldest);
    }
    return false;
  }
}

/** From the outermost to the innermost. */
function exceptionsOf(
  details: unknown,
): readonly { readonly type: string; readonly message: string }[] {
  return listOf(typeof details === 'string' ? parsedJson(details) : details)
    .map(fieldsOf)
    .map(({ type, message }) => ({ type: textOf(type), message: textOf(message) }));
}
