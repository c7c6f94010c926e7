/**
 * Ends the instances that outlive their host. One that can run notices by itself that the host is gone; one whose code
 * never lets go of its loop does not, nor does what it started. So a small process stands by while there are instances,
 * and kills their groups when the pipe to the host breaks: that tells of every end, also of the hard ones. It costs the
 * instances nothing, which a thread in each of them would.
 *
 * Not needed on Windows: there the system ends child processes that are not detached together with their parent.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';

/** Each line names all groups there are, so that the last whole one is the truth. */
const SHELL = `
while read -r line; do groups=$line; done
for group in $groups; do kill -s KILL -- "-$group"; done`;
const SCRIPT = `
let last = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (text) => { last = (last + text).split('\\n').slice(-2).join('\\n'); });
process.stdin.on('end', () => {
  for (const group of last.split('\\n')[0].split(' '))
    try { if (group !== '') process.kill(-group, 'SIGKILL'); } catch {}
});`;

/** The first that runs. Node takes a hundred times the memory, but is there also where no shell is. */
export const COMMANDS: readonly (readonly [command: string, ...parameters: readonly string[]])[] = [
  ['/bin/sh', '-c', SHELL, 'polyfaas-host-watch'],
  [process.execPath, '-e', SCRIPT],
];

export class HostWatch {
  readonly #commands: typeof COMMANDS;
  readonly #groups = new Set<number>();
  #watcher: ChildProcess | undefined;
  #ending: Promise<unknown> | undefined;
  /** Commands that do not run here, or were ended by somebody. */
  #failed = 0;

  constructor(commands = COMMANDS) {
    this.#commands = commands;
  }

  /** @param group the id of a process group, which is that of the process that leads it. */
  add(group: number): void {
    this.#groups.add(group);
    this.#tell();
  }

  /** It has ended. The system may give its id to somebody else. */
  remove(group: number): void {
    if (this.#groups.delete(group)) this.#tell();
  }

  /** Resolves when the process that stood by has ended, too, unless there are groups again. */
  async idle(): Promise<void> {
    await this.#ending;
  }

  #tell(): void {
    if (this.#groups.size === 0) {
      this.#stop();
      return;
    }
    this.#watcher ??= this.#start();
    this.#watcher?.stdin?.write(`${[...this.#groups].join(' ')}\n`);
  }

  /** Who closes a manager wants no process left, not even this one. */
  #stop(): void {
    const watcher = this.#watcher;
    if (!watcher) return;
    this.#watcher = undefined;
    this.#ending = new Promise((resolve) => {
      watcher.once('exit', resolve);
      watcher.once('error', resolve);
    });
    watcher.ref();
    watcher.kill('SIGKILL');
  }

  #start(): ChildProcess | undefined {
    const [command, ...parameters] = this.#commands[this.#failed] ?? [];
    // Instances run without it as well.
    if (command === undefined) return undefined;
    const watcher = attempt(command, parameters);
    if (!watcher) return undefined;
    const failed = (): void => {
      if (this.#watcher !== watcher) return;
      this.#failed += 1;
      this.#watcher = undefined;
      this.#tell();
    };
    watcher.on('error', failed);
    watcher.on('exit', failed);
    // It follows from the end of the process.
    watcher.stdin?.on('error', () => {});
    watcher.unref();
    if (watcher.stdin instanceof Socket) watcher.stdin.unref();
    return watcher;
  }
}

/** Of the errors of a start, Node throws some and reports others. */
function attempt(command: string, parameters: readonly string[]): ChildProcess | undefined {
  try {
    return spawn(command, parameters, {
      cwd: '/',
      env: {},
      // What ends the host from its terminal must not end this as well.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
  } catch {
    return undefined;
  }
}

/** For this whole process, as it ends as a whole. */
export const hostWatch = new HostWatch();
