/** A cloud in memory: functions with versions, and instances that are worker threads. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ShimCall } from 'polyfaas/function';
import {
  sameJson,
  ServerlessError,
  type AsyncPolicy,
  type Binding,
  type CallMeta,
  type Clock,
  type ErrorCode,
  type FunctionMetrics,
  type FunctionRef,
  type JsonValue,
  type NormalFunctionSpec,
  type VersionDescription,
} from 'polyfaas/spi';
import { Deliveries } from './deliveries.ts';
import { Instance } from './instance.ts';

/** What the toy cloud's own API fails with. */
export class ToyError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export interface ToyVersion extends VersionDescription {
  readonly artifactDigest: string;
  readonly env: NormalFunctionSpec['env'];
  readonly entryFile: string;
}

/** What is live and bound; changed as a whole. */
export interface ToyState {
  readonly live: string | null;
  readonly bindings: readonly Binding[];
  readonly async: AsyncPolicy | null;
}

export interface ToyFunction {
  /** Null: a stranger's. */
  owner: FunctionRef | null;
  revision: number;
  versions: ToyVersion[];
  state: ToyState;
  calls: { readonly at: number; readonly failed: boolean; readonly cold: boolean }[];
}

export interface ToyReply {
  readonly output: JsonValue;
  readonly cold: boolean;
  readonly instanceId: string;
  readonly version: string;
}

export class ToyCloud {
  readonly functions = new Map<string, ToyFunction>();
  readonly secrets = new Map<string, string>();
  readonly #instances = new Map<string, Instance[]>();
  readonly #root: string;
  readonly #clock: Clock;
  readonly deliveries: Deliveries;
  #revision = 0;

  constructor(root: string, clock: Clock) {
    this.#root = root;
    this.#clock = clock;
    this.deliveries = new Deliveries(this, clock);
  }

  /** Marks a change of what is live or bound, or that versions went, so that who looked before knows. */
  touch(found: ToyFunction): void {
    this.#revision += 1;
    found.revision = this.#revision;
    queueMicrotask(() => this.deliveries.pump());
  }

  create(name: string, owner: FunctionRef | null): ToyFunction {
    const made: ToyFunction = {
      owner,
      revision: 0,
      versions: [],
      state: { live: null, bindings: [], async: null },
      calls: [],
    };
    this.functions.set(name, made);
    return made;
  }

  find(name: string): ToyFunction {
    const found = this.functions.get(name);
    if (!found?.owner) throw new ToyError('NOT_FOUND', `There is no ${name}. Deploy it first.`);
    return found;
  }

  async publish(
    name: string,
    owner: FunctionRef,
    adopt: boolean,
    body: Omit<ToyVersion, 'version' | 'createdAt'>,
    files: readonly { readonly path: string; readonly bytes: Uint8Array }[],
  ): Promise<{ readonly version: string }> {
    const found = this.functions.get(name) ?? this.create(name, owner);
    if (!adopt && !sameJson(found.owner, owner)) {
      throw new ToyError('ALREADY_EXISTS', `${name} is not yours`);
    }
    found.owner = owner;
    const done = found.versions.find(({ digest }) => digest === body.digest);
    return { version: done?.version ?? (await this.#add(name, found, body, files)) };
  }

  /** Starts an instance and stops it again. */
  async tryOut(name: string, version: string): Promise<void> {
    const found = this.find(name).versions.find((one) => one.version === version);
    if (!found) return;
    try {
      await (await this.start(name, found)).stop();
    } catch (error) {
      // Nobody is to go back to what never started.
      if (this.find(name).state.live !== version) await this.deleteVersions(name, [version]);
      throw error;
    }
  }

  /** Compare and set; the same twice is no conflict. */
  async put(name: string, expected: string, state: ToyState): Promise<void> {
    const found = this.find(name);
    if (sameJson(found.state, state)) return;
    if (String(found.revision) !== expected) {
      throw new ToyError('CONFLICT', `${name} was changed by somebody else. Deploy again.`);
    }
    found.state = state;
    this.touch(found);
  }

  async deleteVersions(name: string, versions: readonly string[]): Promise<void> {
    const found = this.find(name);
    found.versions = found.versions.filter(({ version }) => !versions.includes(version));
    for (const version of versions) await this.#drop(name, version);
    this.touch(found);
  }

  async deleteFunction(name: string): Promise<void> {
    const versions = this.functions.get(name)?.versions ?? [];
    this.functions.delete(name);
    for (const { version } of versions) await this.#drop(name, version);
  }

  async #add(
    name: string,
    found: ToyFunction,
    body: Omit<ToyVersion, 'version' | 'createdAt'>,
    files: readonly { readonly path: string; readonly bytes: Uint8Array }[],
  ): Promise<string> {
    const numbers = found.versions.map(({ version }) => Number(version));
    const version = String(Math.max(0, ...numbers) + 1);
    const createdAt = new Date(this.#clock.now() + Number(version)).toISOString();
    found.versions.push({ ...body, version, createdAt });
    for (const { path, bytes } of files) {
      const target = join(this.#root, name, version, path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, bytes);
    }
    return version;
  }

  async #drop(name: string, version: string): Promise<void> {
    const key = `${name}/${version}`;
    for (const instance of this.#instances.get(key) ?? []) await instance.stop();
    this.#instances.delete(key);
    await rm(join(this.#root, name, version), { recursive: true, force: true });
  }

  /** Starts an instance that then waits for calls. */
  async start(name: string, version: ToyVersion): Promise<Instance> {
    const owner = this.functions.get(name)?.owner;
    const instance = await Instance.start(
      join(this.#root, name, version.version, version.entryFile),
      this.#envOf(version),
      {
        app: owner?.app ?? '',
        stage: owner?.stage ?? '',
        functionName: owner?.name ?? '',
        version: version.version,
        memoryMb: version.memoryMb,
        timeoutSeconds: version.timeoutSeconds,
        provider: 'toy',
        region: 'memory',
      },
    );
    const key = `${name}/${version.version}`;
    this.#instances.set(key, [...(this.#instances.get(key) ?? []), instance]);
    return instance;
  }

  async run(
    name: string,
    wanted: string | undefined,
    call: ShimCall,
    meta: Omit<CallMeta, 'deadline'>,
    signal?: AbortSignal,
  ): Promise<ToyReply> {
    const found = this.functions.get(name);
    const version = found?.versions.find((one) => one.version === (wanted ?? found.state.live));
    if (!found?.owner || !version) {
      throw new ToyError('NOT_FOUND', `${name} has no version ${wanted ?? 'that is live'}`);
    }
    const idle = this.#instances.get(`${name}/${version.version}`)?.find((one) => one.isIdle);
    const instance = idle ?? (await this.start(name, version));
    const limitMs = version.timeoutSeconds * 1000;
    const cancelTimer = this.#clock.after(limitMs, () =>
      instance.kill(
        new ServerlessError({
          code: 'TIMEOUT',
          message: `took longer than ${version.timeoutSeconds} s`,
          details: { timeoutSeconds: version.timeoutSeconds },
        }),
      ),
    );
    const at = this.#clock.now();
    let failed = true;
    try {
      const reply = await instance.call(call, { ...meta, deadline: at + limitMs }, signal);
      failed = false;
      return { ...reply, version: version.version };
    } finally {
      cancelTimer();
      found.calls.push({ at, failed, cold: !idle });
    }
  }

  numbers(name: string, from: string, to: string): FunctionMetrics {
    const [start, end] = [Date.parse(from), Date.parse(to)];
    const inside = this.find(name).calls.filter(({ at }) => at >= start && at < end);
    return {
      source: 'the toy cloud',
      coverage: 'all',
      from,
      to,
      completeThrough: new Date(this.#clock.now()).toISOString(),
      invocations: inside.length,
      errors: inside.filter(({ failed }) => failed).length,
      coldStarts: inside.filter(({ cold }) => cold).length,
      timeouts: null,
      throttles: null,
      warmUps: null,
      durationMs: null,
      initDurationMs: null,
      maxMemoryMb: null,
    };
  }

  async close(): Promise<void> {
    for (const instances of this.#instances.values()) {
      for (const instance of instances) await instance.stop();
    }
  }

  #envOf({ env }: ToyVersion): Readonly<Record<string, string>> {
    const plain = Object.entries(env).map(([name, value]): [string, string] => {
      if (typeof value === 'string') return [name, value];
      const secret = this.secrets.get(value.$secret);
      if (secret === undefined)
        throw new ToyError('NOT_FOUND', `There is no secret "${value.$secret}".`);
      return [name, secret];
    });
    return Object.fromEntries(plain);
  }
}
