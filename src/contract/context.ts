/** What a case works with: one app of its own on a platform that all cases share. */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { ServerlessError, type ErrorCode } from '../errors/index.ts';
import type { JsonObject, JsonValue } from '../function/json.types.ts';
import type { Deployment, InvokeOptions } from '../manager/types.ts';
import type { Capabilities, CapabilityKey } from '../spi/capabilities.ts';
import type { FunctionRef } from '../spi/plan.ts';
import type { FunctionSpec, LimitsSpec } from '../spec/types.ts';
import { fixtureSource, type Variant } from './fixture.ts';
import type { Pace } from './pace.ts';
import { sendHttp, type HttpInit, type HttpReply } from './http-client.ts';
import type { ContractSubject, ManagerVariation, ServerlessManager } from './subject.ts';
import type { Standing } from './standing.ts';
import type { Answer, Report, ReportKind, Witness } from './witness.ts';

/** What a case may change of the fixture's declaration. */
export type SpecChange = Partial<Omit<FunctionSpec, 'entry' | 'source' | 'artifact' | 'image'>> & {
  readonly source?: string;
  readonly variant?: Variant;
};

/** How errors are judged: the code, and what the message must name. */
export interface Refusal {
  readonly code: ErrorCode | readonly ErrorCode[];
  readonly says?: readonly string[];
}

/** One function, deployed. */
export interface Deployed {
  readonly manager: ServerlessManager;
  readonly deployment: Deployment;
}

/** The tools of one case. */
export interface ContractContext {
  readonly subject: ContractSubject;
  readonly witness: Witness;
  readonly capabilities: Capabilities;
  /** Unique to the case; sources and secrets are named after it. */
  readonly app: string;
  readonly stage: string;
  /** The names that event sources of this case have: `name('q')`. */
  name(suffix: string): string;
  ref(functionName?: string): FunctionRef;
  supports(key: CapabilityKey): boolean;
  /** The fixture's declaration. */
  spec(change?: SpecChange): FunctionSpec;
  /** A manager whose one function is `main`, or those that are given. The suite closes it. */
  manager(
    functions?: Readonly<Record<string, FunctionSpec>>,
    options?: ManagerVariation & {
      /** Default: the case's own. */
      readonly app?: string;
      readonly stage?: string;
      readonly limits?: LimitsSpec;
    },
  ): Promise<ServerlessManager>;
  /** Deploys `main` with a manager of its own. */
  deployed(change?: SpecChange): Promise<Deployed>;
  /**
   * `main`, deployed once for all cases that ask for the same: they call it, and change nothing about it. It is of an app
   * of its own, so `app`, `ref`, `script` and `reports` are not about it.
   */
  standing(change?: SpecChange): Promise<Standing>;
  /** Invokes `main` and answers the output. */
  call(manager: ServerlessManager, input: JsonValue, options?: InvokeOptions): Promise<JsonValue>;
  /** Sends a request to a path of a function's origin. */
  fetch(manager: ServerlessManager, path: string, init?: HttpInit): Promise<HttpReply>;
  reports<Kind extends ReportKind>(kind: Kind): readonly Report<Kind>[];
  script(kind: ReportKind, answers: readonly Answer[]): void;
  /** Waits, in real time, until so many reports of a kind have come. The clock moves slowly meanwhile. */
  arrived<Kind extends ReportKind>(kind: Kind, count: number): Promise<readonly Report<Kind>[]>;
  /** Delivers, moving the clock by growing steps, until the condition holds. */
  until(what: string, condition: () => boolean | Promise<boolean>, limitMs?: number): Promise<void>;
  /**
   * Work for which the clock stands. How long it takes in real time, where instances start and others use the machine,
   * is how slowly `drive` moves the clock from then on: a clock that outruns them ends what is on its way.
   */
  timed<Value>(work: () => Promise<Value>): Promise<Value>;
  /** Moves the clock for as long as `work` needs it. */
  drive<Value>(work: Promise<Value>): Promise<Value>;
  /** Expects a `ServerlessError`. */
  refused(work: () => Promise<unknown>, refusal: Refusal): Promise<ServerlessError>;
  /** Expects that `work` changes nothing on the platform. */
  withoutWrites<Value>(work: () => Promise<Value>): Promise<Value>;
}

/** A context, and what ends it. */
export interface OpenContext {
  readonly context: ContractContext;
  readonly close: () => Promise<void>;
}

const STAGE = 'test';
const DRIVE_GRACE_MS = 150;
const DRIVE_STEP_MS = 250;
const DRIVE_LIMIT_MS = 10 * 60_000;
const ARRIVAL_PATIENCE_MS = 30_000;

/** Opens the context of one case. */
export function openContext(parts: {
  readonly subject: ContractSubject;
  readonly witness: Witness;
  readonly capabilities: Capabilities;
  readonly app: string;
  /** One for all cases. */
  readonly pace: Pace;
  readonly standing: (change: SpecChange) => Promise<Standing>;
}): OpenContext {
  const { subject, witness, capabilities, app, pace, standing } = parts;
  const managers: ServerlessManager[] = [];

  const context: ContractContext = {
    subject,
    witness,
    capabilities,
    app,
    stage: STAGE,
    name: (suffix) => `${app}-${suffix}`,
    ref: (functionName = 'main') => ({ app, stage: STAGE, name: functionName }),
    supports: (key) => capabilities.features[key].support !== 'none',
    spec: ({ variant, source, env, ...change } = {}) => ({
      ...change,
      source: source ?? fixtureSource(variant),
      env: { WITNESS: witness.urlFor(app), ...env },
    }),
    async manager(functions, { app: ofApp = app, stage = STAGE, limits, ...variation } = {}) {
      const manager = await subject.manager(
        {
          app: ofApp,
          stage,
          functions: functions ?? { main: context.spec() },
          ...(limits === undefined ? {} : { limits }),
        },
        variation,
      );
      managers.push(manager);
      return manager;
    },
    async deployed(change) {
      const manager = await context.manager({ main: context.spec(change) });
      return { manager, deployment: await context.timed(() => manager.deploy('main')) };
    },
    standing: (change = {}) => standing(change),
    call: async (manager, input, options) => (await manager.invoke('main', input, options)).output,
    async fetch(manager, path, init) {
      const url = (await manager.describe('main'))?.url;
      assert.ok(url, 'describe().url is the origin of the routes');
      assert.ok(!url.endsWith('/'), 'the origin ends without a slash');
      return await sendHttp(`${url}${path}`, init);
    },
    reports: (kind) => witness.reports(app, kind),
    script: (kind, answers) => witness.script(app, kind, answers),
    async arrived(kind, count) {
      const giveUpAt = Date.now() + ARRIVAL_PATIENCE_MS;
      for (let turn = 1; witness.reports(app, kind).length < count; turn += 1) {
        assert.ok(
          Date.now() < giveUpAt,
          `waited for ${count} "${kind}" calls to begin; ${witness.reports(app, kind).length} did`,
        );
        await pause(4);
        if (turn % 25 === 0) await subject.clock.advance(20);
      }
      return witness.reports(app, kind);
    },
    async until(what, condition, limitMs = 3_600_000) {
      let step = 250;
      for (let moved = 0; ; moved += step) {
        await subject.settle();
        if (await condition()) return;
        assert.ok(
          moved < limitMs,
          `not within ${limitMs / 1000} s of the platform's time (levers: \`emit\`, \`settle\`, \`clock.advance\`): ${what}`,
        );
        step = Math.min(60_000, Math.round(step * 1.5));
        await subject.clock.advance(step);
      }
    },
    timed: (work) => pace.timed(work),
    async drive(work) {
      let isSettled = false;
      const settled = work.then(
        () => void (isSettled = true),
        () => void (isSettled = true),
      );
      // What needs no waiting is done before the clock moves at all.
      await Promise.race([settled, pause(DRIVE_GRACE_MS)]);
      // Small steps first; what is waited for long is a call that hangs until somebody loses patience.
      let step = DRIVE_STEP_MS;
      for (let moved = 0; !isSettled && moved < DRIVE_LIMIT_MS; moved += step) {
        step = Math.max(DRIVE_STEP_MS, Math.min(5000, Math.round(moved / 10)));
        await subject.clock.advance(step);
        await Promise.race([settled, pause(pace.pauseMs)]);
      }
      assert.ok(
        isSettled,
        'settles within ten minutes of the platform’s time (lever: `clock.advance`)',
      );
      return await work;
    },
    async refused(work, { code, says = [] }) {
      const codes: readonly string[] = typeof code === 'string' ? [code] : code;
      const error = await work().then(
        () => assert.fail(`expected ${codes.join(' or ')}; it succeeded`),
        (reason: unknown) => reason,
      );
      if (!ServerlessError.isInstance(error)) {
        throw new assert.AssertionError({
          message: `expected a ServerlessError; got ${String(error)}`,
          actual: error,
        });
      }
      assert.ok(
        codes.includes(error.code),
        `expected ${codes.join(' or ')}; got ${error.code}: ${error.message}`,
      );
      for (const word of says) {
        assert.ok(error.message.includes(word), `the message names "${word}": ${error.message}`);
      }
      return error;
    },
    async withoutWrites(work) {
      const before = await subject.writes();
      const value = await work();
      assert.equal(
        (await subject.writes()) - before,
        0,
        'calls that change the platform (lever: `writes`)',
      );
      return value;
    },
  };
  return { context, close: () => closeAll(context, managers) };
}

// A failure here would hide the case's own; that `remove` leaves nothing has cases of its own.
async function closeAll(
  context: ContractContext,
  managers: readonly ServerlessManager[],
): Promise<void> {
  context.witness.release(context.app);
  const removed = new Set<string>();
  // The newest first: those before a crash cannot do it any more.
  for (const manager of managers.toReversed()) {
    for (const name of manager.functions) {
      const key = `${manager.app}/${manager.stage}/${name}`;
      if (removed.has(key)) continue;
      removed.add(key);
      await context.drive(manager.remove(name)).catch(() => undefined);
    }
  }
  for (const manager of managers) await context.drive(manager.close()).catch(() => undefined);
}

/**
 * Work that the case awaits only after something else. Where that fails first, nobody awaits the work any more, and its
 * own failure must not end the process.
 */
export function begun<Value>(work: Promise<Value>): Promise<Value> {
  work.catch(() => undefined);
  return work;
}

/** The value as an object, or the case fails. */
export function object(value: JsonValue | undefined): JsonObject {
  if (isObject(value)) return value;
  throw new assert.AssertionError({ message: 'expected a JSON object', actual: value });
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as text, or the case fails. */
export function text(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value;
  throw new assert.AssertionError({ message: 'expected a text', actual: value });
}

/** The value as a number, or the case fails. */
export function number(value: JsonValue | undefined): number {
  if (typeof value === 'number') return value;
  throw new assert.AssertionError({ message: 'expected a number', actual: value });
}

/** The only element, or the case fails. */
export function only<Item>(items: readonly Item[], what = 'element'): Item {
  const [first] = items;
  if (items.length !== 1 || first === undefined) {
    throw new assert.AssertionError({
      message: `expected one ${what}; there are ${items.length}`,
      actual: items,
    });
  }
  return first;
}
