/** Writes every request that clients of the AWS SDK are given, one JSON line each, for `validate.py`. */
import { appendFileSync } from 'node:fs';
import { LambdaClient } from '@aws-sdk/client-lambda';

interface Command {
  readonly input: unknown;
}

interface Sender {
  readonly config: { readonly serviceId: string };
}

interface WithSend {
  send: (this: Sender, command: Command, ...rest: readonly unknown[]) => unknown;
}

let recording: { readonly file: string; readonly written: Set<string> } | undefined;
let isPatched = false;

/**
 * Appends to the file from now on, in this process, until it is told to stop: other tests of the same process send what
 * is wrong on purpose.
 *
 * @returns what stops it.
 */
export function recordRequests(file: string): () => void {
  recording = { file, written: new Set() };
  patch();
  return () => {
    recording = undefined;
  };
}

function patch(): void {
  if (isPatched) return;
  isPatched = true;
  // All clients of the SDK share one base class; its `send` sees a command before anything is changed in it.
  const base: unknown = Object.getPrototypeOf(LambdaClient.prototype);
  if (!hasSend(base)) throw new Error('the clients of the SDK have another shape than before');
  const { send } = base;
  base.send = function record(command, ...rest) {
    if (recording) note(recording, this.config.serviceId, command);
    return send.call(this, command, ...rest);
  };
}

function note(
  { file, written }: NonNullable<typeof recording>,
  service: string,
  command: Command,
): void {
  const line = JSON.stringify({
    service,
    operation: command.constructor.name.replace(/Command$/, ''),
    input: plain(command.input),
  });
  // The same request twice tells nothing more.
  if (written.has(line)) return;
  written.add(line);
  appendFileSync(file, `${line}\n`);
}

function hasSend(value: unknown): value is WithSend {
  return (
    typeof value === 'object' &&
    value !== null &&
    'send' in value &&
    typeof value.send === 'function'
  );
}

/** Times as text, bytes by their number, and nothing that is undefined. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: value.byteLength };
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) =>
      inner === undefined ? [] : [[key, plain(inner)]],
    ),
  );
}
