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

/** Appends to the file from now on, in this process. Called again, it changes nothing. */
export function recordRequests(file: string): void {
  if (recording) return;
  const written = new Set<string>();
  recording = { file, written };
  // All clients of the SDK share one base class; its `send` sees a command before anything is changed in it.
  const base: unknown = Object.getPrototypeOf(LambdaClient.prototype);
  if (!hasSend(base)) throw new Error('the clients of the SDK have another shape than before');
  const { send } = base;
  base.send = function record(command, ...rest) {
    const line = JSON.stringify({
      service: this.config.serviceId,
      operation: command.constructor.name.replace(/Command$/, ''),
      input: plain(command.input),
    });
    // The same request twice tells nothing more.
    if (!written.has(line)) {
      written.add(line);
      appendFileSync(file, `${line}\n`);
    }
    return send.call(this, command, ...rest);
  };
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
