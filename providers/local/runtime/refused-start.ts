/** An instance that the system does not even begin to start: no thread, no process, and so no end of one either. */
import type { CreateTransport, Transport } from './transport.ts';

/** What stands in for the instance until it is known to be refused. */
const NOTHING: Transport = {
  post() {},
  hold() {},
  release() {},
  readMemory: () => 0,
  kill() {},
  abandon() {},
};

/** Whoever starts an instance need not expect that this throws: it hears of it as of every other start that fails. */
export function refusable(create: CreateTransport): CreateTransport {
  return (settings, listener) => {
    try {
      return create(settings, listener);
    } catch (error) {
      const reason = reasonOf(error, settings.env);
      setImmediate(() => listener.refused(reason));
      return NOTHING;
    }
  };
}

/** In words of our own: Node's message quotes the value that it does not like, which may be a secret. */
function reasonOf(error: unknown, env: Readonly<Record<string, string>>): string {
  const entries = Object.entries(env);
  const [broken] = entries.find((entry) => entry.join('').includes('\0')) ?? [];
  const code = codeOf(error);
  if (broken !== undefined && code === 'ERR_INVALID_ARG_VALUE')
    return `its environment cannot be given to a process: ${JSON.stringify(broken)} has a NUL character. Remove the character, or keep the value encoded, for example in base64.`;
  if (code === 'E2BIG') {
    const [largest] = entries.sort(([, one], [, other]) => other.length - one.length)[0] ?? [];
    return `its environment cannot be given to a process: it is too large for the system, and ${JSON.stringify(largest)} is the largest part. Keep large values in a file or in a store that the function reads, or set isolation to 'thread' for this function.`;
  }
  if (code === 'ERR_ACCESS_DENIED')
    return `Node's permission model forbids it in this program. Start it with --allow-worker for functions in threads, which is the usual isolation, or with --allow-child-process for those in processes.`;
  return `the system refused to start an instance (${code}). See whether it has room for more processes and threads, and call again.`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'no code';
}
