/**
 * The settings that may change while instances run: as they were when this one started, and read again from time to
 * time. So a changed event needs neither a build nor a new revision.
 */
import { fieldsOf, textOf } from 'polyfaas/function';
import { getJson, MACHINE_CLOCK } from 'polyfaas/http';
import type { RuntimeSettings, SourceManifest } from '../manifest.ts';
import { accessToken, forgetToken } from './token.ts';

/** Older settings are read again, beside the request that notices. */
const STALE_MS = 10_000;
/** Still older ones are read again before the request goes on. */
const OLD_MS = 60_000;
/** What is not known may be new; but whoever asks for what is not there must not make us read at each request. */
const LOOK_AGAIN_MS = 1_000;
const TIMEOUT_MS = 5_000;

/** There never were any: they were not mounted, or are corrupt, and cannot be read. */
export class NoSettings extends Error {
  override readonly name = 'NoSettings';
}

export class Settings {
  readonly #manifest: SourceManifest;
  readonly #failed: (thrown: unknown) => void;
  #current: RuntimeSettings | undefined;
  #text: string | undefined;
  /** The number of their version; 0 where it is not known. */
  #version = 0;
  /**
   * When they were asked for, and not when the answer was read: the process may have stood still in between, for as long
   * as no request came.
   */
  #readAt = -Infinity;
  #failedAt = -Infinity;
  #reading: Promise<Error | undefined> | undefined;

  /**
   * @param text as the secret held them when the instance started; undefined when it was not mounted.
   * @param failed told when they cannot be read: the settings of before go on being used.
   */
  constructor(
    manifest: SourceManifest,
    text: string | undefined,
    failed: (thrown: unknown) => void,
  ) {
    this.#manifest = manifest;
    this.#failed = failed;
    if (text === undefined) return;
    try {
      this.#take(text);
      this.#readAt = Date.now();
    } catch (thrown) {
      failed(thrown);
    }
  }

  /** Instances that are kept ready, as far as is known. */
  get minInstances(): number {
    return this.#current?.minInstances ?? 0;
  }

  /**
   * The settings, at most a minute old, unless they cannot be read. The same object for as long as nothing has changed.
   *
   * @throws NoSettings
   */
  async fresh(): Promise<RuntimeSettings> {
    const age = since(this.#readAt);
    // A store that is down must not hold up every request.
    const isDown = since(this.#failedAt) < (this.#current ? STALE_MS : LOOK_AGAIN_MS);
    if (age >= OLD_MS && !isDown) await this.#renew(OLD_MS);
    else if (age >= STALE_MS && !isDown) void this.#read();
    return this.#known();
  }

  /**
   * The settings, read again if that was not done just now: for something that those of before do not know.
   *
   * @throws NoSettings
   */
  async lookAgain(): Promise<RuntimeSettings> {
    const isJustRead = Math.min(since(this.#readAt), since(this.#failedAt)) < LOOK_AGAIN_MS;
    if (!isJustRead) await this.#renew(LOOK_AGAIN_MS);
    return this.#known();
  }

  /**
   * The settings as they are now, for a delivery that names what those of before do not know: it may come right behind
   * the change.
   *
   * @throws when they cannot be read.
   */
  async readNow(): Promise<RuntimeSettings> {
    // A reading under way may have begun before the change; those who wait here share the next one.
    await this.#reading;
    const thrown = await this.#read();
    if (thrown !== undefined) throw thrown;
    return this.#known();
  }

  #known(): RuntimeSettings {
    if (this.#current) return this.#current;
    throw new NoSettings('The settings of this function cannot be read.');
  }

  /** Reads them, unless a reading is under way that began less than so long ago, and ends well. */
  async #renew(maxAgeMs: number): Promise<void> {
    if (this.#reading !== undefined) {
      await this.#reading;
      if (since(this.#readAt) < maxAgeMs) return;
    }
    await this.#read();
  }

  /** Resolves to why it failed. */
  #read(): Promise<Error | undefined> {
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readOnce(): Promise<Error | undefined> {
    const began = Date.now();
    try {
      const { text, version } = await this.#fetch();
      // `latest` may be that of a moment ago: an answer does not take back a newer one.
      if (version === 0 || version >= this.#version) {
        if (text !== this.#text) this.#take(text);
        this.#version = version;
      }
      this.#readAt = began;
      return undefined;
    } catch (thrown) {
      this.#failedAt = Date.now();
      this.#failed(thrown);
      return thrown instanceof Error ? thrown : new Error(String(thrown));
    }
  }

  #take(text: string): void {
    this.#current = decode(text);
    this.#text = text;
  }

  async #fetch(): Promise<{ readonly text: string; readonly version: number }> {
    const { endpoints, settingsSecret } = this.#manifest;
    const token = await accessToken();
    const latest = `${endpoints.secretmanager}/v1/${settingsSecret}/versions/latest:access`;
    const { status, value } = await getJson(new URL(latest), {
      headers: { authorization: `Bearer ${token}` },
      timeoutMs: TIMEOUT_MS,
      clock: MACHINE_CLOCK,
    });
    if (status === 401) forgetToken(token);
    const { name, payload } = fieldsOf(value);
    const { data } = fieldsOf(payload);
    if (status !== 200 || typeof data !== 'string') {
      throw new Error(`${settingsSecret} cannot be read: status ${status}`);
    }
    return {
      text: Buffer.from(data, 'base64').toString('utf8'),
      version: Number(/\/versions\/(\d+)$/.exec(textOf(name))?.[1] ?? 0),
    };
  }
}

/** Endless for what lies ahead: the clock was set back. */
function since(time: number): number {
  const ms = Date.now() - time;
  return ms < 0 ? Infinity : ms;
}

/** The adapter wrote them; nobody else may. */
function decode(text: string): RuntimeSettings {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What is wrong with it would quote it, and it holds keys.
    throw new TypeError('The settings are no JSON.');
  }
  if (!isSettings(value)) throw new TypeError('The settings are none of this version.');
  return value;
}

function isSettings(value: unknown): value is RuntimeSettings {
  const { keys, bindings, caller, audience, isPublic } = fieldsOf(value);
  return (
    typeof keys === 'string' &&
    Array.isArray(bindings) &&
    typeof caller === 'string' &&
    typeof audience === 'string' &&
    typeof isPublic === 'boolean'
  );
}
