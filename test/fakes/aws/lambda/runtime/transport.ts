/** The way between the platform and one instance, whatever the instance is. */

/** A call, in the form in which the native part of Amazon's runtime client hands it over. */
export interface Invocation {
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyJson: string;
}

export type FromInstance =
  /** It waits for a call. The first of these ends the start. */
  | readonly ['next']
  /** One log event. */
  | readonly ['line', text: string]
  /** Raw output, not necessarily whole lines. */
  | readonly ['output', text: string]
  | readonly ['done' | 'error', id: string, body: string, memory: Memory]
  | readonly ['init-error', body: string]
  | readonly ['no-entrypoint', reason: string]
  /** It holds more memory than it may, and waits for its end. */
  | readonly ['exceeded', memory: Memory];

/** What an instance holds, in bytes. */
export interface Memory {
  readonly total: number;
  /** The part in the heap of V8; 0 where that is not known. */
  readonly heap: number;
}

/** How an instance ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface TransportListener {
  message(message: FromInstance): void;
  /** Once, after the last message. */
  exit(exit: Exit): void;
}

export interface TransportSettings {
  /** Tells instances apart on the HTTP server that they share. */
  readonly id: string;
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly taskRoot: string;
  readonly memoryMb: number;
}

export interface Transport {
  send(invocation: Invocation): void;
  /** What it holds now; undefined when that cannot be known from outside. */
  memory(): Promise<Memory | undefined>;
  kill(): void;
}

export type CreateTransport = (
  settings: TransportSettings,
  listener: TransportListener,
) => Transport;

/** The signal that V8 ends a process with when its heap is full. */
export const HEAP_FULL = 'SIGABRT';
