import type { World } from '../../core/ports.ts';
import type { VersionConfig } from '../execution.ts';

/** 256 KB less 26 bytes, which CloudWatch Logs adds to every event (PutLogEvents). */
const EVENT_BYTES = 262_144 - 26;
const TAIL_BYTES = 4096;

/** Where the lines of one instance go. */
export class InstanceLog {
  readonly stream: string;
  readonly #world: World;
  readonly #config: VersionConfig;
  #isAllowed: boolean | undefined;
  #rest = '';
  #tail: string[] | undefined;
  #tailLength = 0;

  constructor(world: World, config: VersionConfig, stream: string) {
    this.#world = world;
    this.#config = config;
    this.stream = stream;
  }

  /** A call begins. Whether the role may write is asked once for each. */
  begin(wantTail: boolean): void {
    this.#isAllowed = undefined;
    this.#tail = wantTail ? [] : undefined;
    this.#tailLength = 0;
  }

  /** The last 4 KB of what was written since the call began. */
  tail(): string | undefined {
    if (this.#tail === undefined) return undefined;
    const bytes = Buffer.from(this.#tail.map((line) => `${line}\n`).join(''));
    this.#tail = undefined;
    return bytes.subarray(firstWhole(bytes, bytes.length - TAIL_BYTES)).toString();
  }

  /** Raw output: lines, the last of which may go on in the next piece. */
  output(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.line(line);
  }

  /** Ends an unfinished line. */
  flush(): void {
    if (this.#rest === '') return;
    const rest = this.#rest;
    this.#rest = '';
    this.line(rest);
  }

  /** One log event, or several when it is too long for one. */
  line(text: string): void {
    if (text === '') return;
    this.#remember(text);
    if (!this.#mayWrite()) return;
    for (const part of cut(text))
      this.#world.logs.write(this.#config.logGroup, this.stream, this.#world.clock.now(), part);
  }

  #remember(text: string): void {
    if (!this.#tail) return;
    const end = text.slice(-TAIL_BYTES);
    this.#tail.push(end);
    this.#tailLength += end.length + 1;
    while (this.#tailLength - (this.#tail[0]?.length ?? 0) - 1 >= TAIL_BYTES)
      this.#tailLength -= (this.#tail.shift()?.length ?? 0) + 1;
  }

  #mayWrite(): boolean {
    if (!this.#world.logs.groupExists(this.#config.logGroup)) return false;
    this.#isAllowed ??= this.#ask();
    return this.#isAllowed;
  }

  #ask(): boolean {
    const { region, account, iam } = this.#world;
    const { roleArn, logGroup } = this.#config;
    const resource = `arn:aws:logs:${region}:${account}:log-group:${logGroup}:log-stream:${this.stream}`;
    return ['logs:CreateLogStream', 'logs:PutLogEvents'].every((action) =>
      iam.roleAllows(roleArn, action, resource),
    );
  }
}

function cut(text: string): readonly string[] {
  if (text.length * 3 <= EVENT_BYTES) return [text];
  const bytes = Buffer.from(text);
  const parts: string[] = [];
  for (let from = 0; from < bytes.length;) {
    let to = Math.min(bytes.length, from + EVENT_BYTES);
    while (to < bytes.length && isInside(bytes[to])) to -= 1;
    parts.push(bytes.subarray(from, to).toString());
    from = to;
  }
  return parts;
}

function firstWhole(bytes: Buffer, from: number): number {
  let first = Math.max(0, from);
  while (first > 0 && isInside(bytes[first])) first += 1;
  return first;
}

/** Whether a byte goes on with a character that began before it. */
function isInside(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
