/**
 * Keeps code in a thread from hurting the process that it shares. No security boundary: it stops accidents.
 * Node itself refuses `process.abort`, `process.chdir`, `process.setuid` and their kin in a thread, and `process.exit`
 * ends only the thread.
 */
export function guardHostProcess(): void {
  const kill = process.kill.bind(process);
  // Node's own `kill` calls this one; signal 0 only asks whether a process lives.
  const rawKill: unknown = Reflect.get(process, '_kill');
  hide('_kill', (pid: unknown, signal: unknown) => {
    if (signal !== 0 || typeof rawKill !== 'function') refuse('kill');
    return Reflect.apply(rawKill, process, [pid, 0]);
  });
  hide('kill', (pid: number, signal?: string | number) =>
    signal === 0 ? kill(pid, 0) : refuse('kill'),
  );
  hide('_debugProcess', () => refuse('_debugProcess'));
  hide('_debugEnd', () => refuse('_debugEnd'));
}

function hide(name: string, value: (...values: never[]) => unknown): void {
  Object.defineProperty(process, name, { configurable: true, writable: true, value });
}

function refuse(name: string): never {
  throw new Error(
    `process.${name} is refused in a function that runs in a thread: it could end the host. Set isolation to 'process' for this function.`,
  );
}
