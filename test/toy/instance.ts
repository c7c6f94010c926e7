/** One instance of the toy cloud: a worker thread that serves one call at a time. */
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { deserializeError, type SerializedError, type ShimCall } from 'polyfaas/function';
import { ServerlessError, type CallMeta, type JsonValue, type RuntimeIdentity } from 'polyfaas/spi';
import { ToyError } from './cloud.ts';

interface Answer {
  readonly ready?: boolean;
  readonly output: JsonValue;
  readonly cold: boolean;
  readonly instanceId: string;
  readonly error?: SerializedError;
}

export class Instance {
  readonly #worker: Worker;
  #isGone = false;
  #pending: { resolve(answer: Answer): void; reject(error: unknown): void } | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.stdout.resume();
    worker.stderr.resume();
    worker.on('message', (answer: Answer) => {
      const pending = this.#pending;
      this.#pending = undefined;
      if (answer.error) pending?.reject(failure(deserializeError(answer.error)));
      else pending?.resolve(answer);
    });
    worker.on('error', (error: unknown) => this.#end(failure(error)));
    worker.on('exit', (code) => this.#end(failure(new Error(`the process exited with ${code}`))));
  }

  static async start(
    entry: string,
    env: Readonly<Record<string, string>>,
    identity: RuntimeIdentity,
  ): Promise<Instance> {
    const worker = new Worker(pathToFileURL(entry), {
      env: { ...env },
      workerData: { identity },
      stdout: true,
      stderr: true,
    });
    const instance = new Instance(worker);
    await instance.#answer();
    return instance;
  }

  get isIdle(): boolean {
    return !this.#isGone && !this.#pending;
  }

  async call(call: ShimCall, meta: CallMeta, signal?: AbortSignal): Promise<Answer> {
    const onAbort = (): void => {
      this.#worker.postMessage({});
      this.#isGone = true;
      this.#pending?.reject(new ToyError('CANCELLED', 'the caller gave up'));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#worker.postMessage({ call, meta });
    try {
      return await this.#answer();
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  kill(reason: ToyError): void {
    this.#end(reason);
    void this.#worker.terminate();
  }

  async stop(): Promise<void> {
    this.#isGone = true;
    await this.#worker.terminate();
  }

  #answer(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
    });
  }

  #end(reason: Error): void {
    this.#isGone = true;
    this.#pending?.reject(reason);
    this.#pending = undefined;
  }
}

function failure(thrown: unknown): ServerlessError {
  const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
  const message = `${cause.name}: ${cause.message}`;
  return new ServerlessError({ code: 'FUNCTION_FAILED', message, cause });
}
