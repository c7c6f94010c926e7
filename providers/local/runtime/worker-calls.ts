/** Runs the calls of one instance. */
import type { SerializedError } from 'polyfaas/function';
import type { HandlerKind, JsonValue } from 'polyfaas/spi';
import type { LocalHttpResponse } from '../ports.ts';
import type { LocalEntry, LocalRuntime } from '../shim.ts';
import { bytesOverLimit } from './answer-size.ts';
import { fromWireRequest, isWireRequest, toWireBody } from './http-wire.ts';
import { Outbox } from './outbox.ts';
import { sendPlainReply } from './plain-copy.ts';
import { type CallMessage, type FromInstance, Operation, type ToInstance } from './protocol.ts';
import type { RunningRequests } from './running-requests.ts';
import { usedBytes, usedBytesCollected } from './worker-memory.ts';
import type { InstanceOutput } from './worker-output.ts';
import { StreamSender } from './worker-stream.ts';

/** Replies wait for each other no longer than this. */
const MAX_GATHER_MS = 1;

interface CallRunnerParts {
  readonly runtime: LocalRuntime;
  readonly serializeError: LocalEntry['serializeError'];
  readonly post: (message: FromInstance) => void;
  readonly output: InstanceOutput;
  readonly requests: RunningRequests;
  readonly timeoutMs: number;
  readonly memoryBytes: number;
}

export class CallRunner {
  readonly #runtime: LocalRuntime;
  readonly #serializeError: LocalEntry['serializeError'];
  readonly #output: InstanceOutput;
  readonly #requests: RunningRequests;
  readonly #timeoutMs: number;
  readonly #memoryBytes: number;
  readonly #outbox: Outbox<FromInstance>;
  /** By slot: slots are few, and used again and again, and a map would be built anew with every call. */
  readonly #cancels: (AbortController | undefined)[] = [];
  readonly #streams: (StreamSender | undefined)[] = [];
  #gatheringSinceMs = 0;
  #gathering = false;

  constructor(parts: CallRunnerParts) {
    this.#runtime = parts.runtime;
    this.#serializeError = parts.serializeError;
    this.#output = parts.output;
    this.#requests = parts.requests;
    this.#timeoutMs = parts.timeoutMs;
    this.#memoryBytes = parts.memoryBytes;
    this.#outbox = new Outbox<FromInstance>(parts.post, (message, error) => {
      const slot = message[1];
      if (sendPlainReply(message, parts.post)) return;
      // Only what a handler gave can be beyond a structured clone.
      if (typeof slot !== 'number') return;
      const durationMs = message[0] === Operation.reply ? message[3] : 0;
      parts.post([Operation.failure, slot, parts.serializeError(error), durationMs, usedBytes()]);
    });
  }

  receive(message: ToInstance): void {
    switch (message[0]) {
      case Operation.batch:
        for (const inner of message[1]) this.receive(inner);
        return;
      case Operation.call:
        this.#run(message);
        return;
      case Operation.cancel:
        this.#cancels[message[1]]?.abort(new DOMException('The caller cancelled.', 'AbortError'));
        this.#streams[message[1]]?.stop();
        return;
      case Operation.credit:
        this.#streams[message[1]]?.grant(message[2]);
        return;
      case Operation.stopStream:
        this.#streams[message[1]]?.stop();
        return;
      case Operation.readMemory:
        this.#tellMemory();
        return;
      case Operation.start:
      case Operation.rehearsed:
        return;
    }
  }

  #tellMemory(): void {
    const used = usedBytes();
    if (used <= this.#memoryBytes) this.#outbox.send([Operation.memory, used]);
    else
      void usedBytesCollected().then((collected) =>
        this.#outbox.send([Operation.memory, collected]),
      );
  }

  #run(message: CallMessage): void {
    const [, slot, kind, sent, requestId, attempt, trace] = message;
    const event = isWireRequest(kind, sent) ? fromWireRequest(sent) : sent;
    const cancel = new AbortController();
    this.#cancels[slot] = cancel;
    this.#requests.begin(slot, requestId);
    const startedMs = performance.now();
    const meta = { requestId, attempt, deadline: Date.now() + this.#timeoutMs, trace };
    this.#runtime.call(kind, event, meta, cancel.signal).then(
      (output) => this.#succeed(kind, slot, output, startedMs),
      (error: unknown) => this.#fail(kind, slot, error, performance.now() - startedMs),
    );
  }

  #succeed(
    kind: HandlerKind,
    slot: number,
    output: JsonValue | LocalHttpResponse,
    startedMs: number,
  ): void {
    const durationMs = performance.now() - startedMs;
    const used = usedBytes();
    if (isResponse(kind, output) && output.body instanceof ReadableStream) {
      const head = { ...output, body: null };
      this.#outbox.send([Operation.streamHead, slot, head, durationMs, used]);
      this.#stream(slot, output.body, startedMs);
      return;
    }
    const answerBytes = isResponse(kind, output) ? undefined : bytesOverLimit(output);
    if (answerBytes !== undefined) {
      this.#end(slot, [Operation.failure, slot, { answerBytes }, durationMs, used]);
      return;
    }
    if (used <= this.#memoryBytes) {
      this.#end(slot, replyOf(kind, slot, output, durationMs, used));
      return;
    }
    void usedBytesCollected().then((collected) =>
      this.#end(slot, replyOf(kind, slot, output, durationMs, collected)),
    );
  }

  #fail(kind: HandlerKind, slot: number, error: unknown, durationMs: number): void {
    const travelling = this.#serializeError(error);
    this.#tell(kind, slot, travelling);
    const used = usedBytes();
    if (used <= this.#memoryBytes) {
      this.#end(slot, [Operation.failure, slot, travelling, durationMs, used]);
      return;
    }
    void usedBytesCollected().then((collected) =>
      this.#end(slot, [Operation.failure, slot, travelling, durationMs, collected]),
    );
  }

  /** Who sent an event does not see the error; whoever looks for the reason, looks in the log. */
  #tell(kind: HandlerKind, slot: number, { name, message, stack }: SerializedError): void {
    // One that ends because it was told to is no failure.
    if (this.#cancels[slot]?.signal.aborted === true) return;
    const text = `The ${kind} handler failed: ${name}: ${message}`;
    this.#output.log('error', text, { error: { name, message, stack } }, this.#requests.of(slot));
  }

  #stream(slot: number, stream: ReadableStream<Uint8Array>, startedMs: number): void {
    const sender = new StreamSender(stream, (bytes) =>
      this.#outbox.send([Operation.chunk, slot, bytes]),
    );
    this.#streams[slot] = sender;
    sender.run().then(
      () => {
        const durationMs = performance.now() - startedMs;
        this.#end(slot, [Operation.streamEnd, slot, durationMs, usedBytes()]);
      },
      (error: unknown) => {
        const durationMs = performance.now() - startedMs;
        const travelling = this.#serializeError(error);
        this.#tell('http', slot, travelling);
        this.#end(slot, [Operation.streamFailure, slot, travelling, durationMs]);
      },
    );
  }

  #end(slot: number, message: FromInstance): void {
    this.#output.flush();
    this.#cancels[slot] = undefined;
    this.#streams[slot] = undefined;
    this.#requests.end(slot);
    if (this.#requests.count === 0 && !this.#gathering) {
      this.#outbox.send(message);
      return;
    }
    this.#gather(message);
  }

  /** Replies of one turn travel together, unless the handlers of that turn keep the first one waiting. */
  #gather(message: FromInstance): void {
    const now = performance.now();
    if (!this.#gathering) {
      this.#gathering = true;
      this.#gatheringSinceMs = now;
      process.nextTick(this.#onTick);
    }
    this.#outbox.gather(message);
    if (now - this.#gatheringSinceMs > MAX_GATHER_MS) {
      this.#outbox.flush();
      this.#gatheringSinceMs = now;
    }
  }

  readonly #onTick = (): void => {
    this.#gathering = false;
  };
}

function isResponse(
  kind: HandlerKind,
  output: JsonValue | LocalHttpResponse,
): output is LocalHttpResponse {
  return kind === 'http' && output !== null;
}

function replyOf(
  kind: HandlerKind,
  slot: number,
  output: JsonValue | LocalHttpResponse,
  durationMs: number,
  used: number,
): FromInstance {
  if (!isResponse(kind, output)) return [Operation.reply, slot, output, durationMs, used];
  const { status, statusText, headers, body } = output;
  const sent = body instanceof Uint8Array ? toWireBody(body) : null;
  return [Operation.httpReply, slot, status, statusText, headers, sent, durationMs, used];
}
