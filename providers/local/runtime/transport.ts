/** One thread or process, as an instance sees it. */
import type { FromInstance, StartSettings, ToInstance } from './protocol.ts';

export interface TransportListener {
  message(message: FromInstance): void;
  /** Raw output that did not pass through the instance's own capture. */
  output(level: 'info' | 'error', chunk: Uint8Array): void;
  /** Something that nothing caught; the end follows. */
  error(error: Error): void;
  /** It could not even be made; nothing else follows. */
  refused(reason: string): void;
  exit(code: number | null, signal: string | null): void;
}

export interface Transport {
  /** Throws when the message cannot be cloned. */
  post(message: ToInstance): void;
  /** While held, the instance keeps this process alive. Held at first. */
  hold(): void;
  release(): void;
  /**
   * What the instance uses, read from outside, so also while its code blocks; null where that cannot be read,
   * and the instance itself is to be asked.
   */
  readMemory(): Promise<number> | number | null;
  /** Ends it the hard way. `exit` follows, or not: a thread may be stuck in a system call. */
  kill(): void;
  /** Lets this process end although the instance has not. */
  abandon(): void;
}

export interface TransportSettings {
  readonly start: StartSettings;
  readonly compileCacheFolder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly codeFolder: string;
  readonly memoryMb: number;
}

export type CreateTransport = (
  settings: TransportSettings,
  listener: TransportListener,
) => Transport;

/** The first module of an instance: a `.ts` file in the sources, a `.js` file when built. */
export const mainModule = new URL(
  import.meta.url.endsWith('.ts') ? './worker-main.ts' : './worker-main.js',
  import.meta.url,
);

/** True when running from the sources, which Node has to strip of their types at every start. */
export const isUnbuilt = import.meta.url.endsWith('.ts');
