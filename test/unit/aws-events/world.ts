/** A function on the fake of AWS, and the steps of plans done to it with the vendor's own clients. */
import { buffer } from 'node:stream/consumers';
import { Lambda } from '@aws-sdk/client-lambda';
import { IAM } from '@aws-sdk/client-iam';
import { ZipFile } from 'yazl';
import type { Binding, CallContext, JsonObject, JsonValue, Step } from 'polyfaas/spi';
import { createClients, type AwsClients } from '../../../providers/aws/clients/index.ts';
import { EVENT_EXECUTORS } from '../../../providers/aws/events/execute.ts';
import { planBindings, planRemoval } from '../../../providers/aws/events/plan.ts';
import { bindingStatements } from '../../../providers/aws/events/statements.ts';
import type { BindingPlan, BindingWish } from '../../../providers/aws/events/types.ts';
import type { Target } from '../../../providers/aws/model.ts';
import {
  EMPTY_RECORD,
  encodeRecord,
  TAG,
  type FunctionRecord,
} from '../../../providers/aws/record.ts';
import { resolveObject } from '../../../src/spi/refs.ts';
import { FakeTime } from '../../fakes/aws/core/clock.ts';
import { createAwsFake, type AwsFake } from '../../fakes/aws/index.ts';
import { ACCOUNT, REGION } from './bindings.ts';

const MOST_POLLS = 100;

/** Writes what it gets to its log, which nobody reads: what matters is that it runs. */
const HANDLER = 'exports.handler = async (event) => event;';

export class EventWorld {
  readonly clock: FakeTime;
  readonly fake: AwsFake;
  /** As the adapter has them. */
  readonly aws: AwsClients;
  /** For looks of the tests' own. */
  readonly observer: AwsClients;
  readonly warnings: string[] = [];
  /** Every call of the adapter, in order: `SetQueueAttributes`. */
  readonly calls: string[] = [];

  private constructor(clock: FakeTime, fake: AwsFake, calls: string[]) {
    this.clock = clock;
    this.fake = fake;
    this.calls = calls;
    this.aws = clientsOf(fake, fake.credentials);
    this.observer = clientsOf(fake, fake.observer);
  }

  static async start(): Promise<EventWorld> {
    const clock = new FakeTime(Date.UTC(2026, 10, 21, 12));
    const calls: string[] = [];
    const fake = await createAwsFake({
      clock,
      region: REGION,
      recorder: (_service, operation) => void calls.push(operation),
    });
    return new EventWorld(clock, fake, calls);
  }

  async stop(): Promise<void> {
    this.aws.close();
    this.observer.close();
    await this.fake.stop();
  }

  /** A function with an alias, and a role that may do what the bindings need. */
  async function(name: string, bindings: readonly Binding[] = []): Promise<EventFunction> {
    const physicalName = `shop-dev-${name}`;
    const target: Target = {
      ref: { app: 'shop', stage: 'dev', name },
      physicalName,
      functionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${physicalName}`,
    };
    await this.#role(physicalName, target, bindings);
    const lambda: Lambda = await this.observer.lambda();
    await lambda.createFunction({
      FunctionName: physicalName,
      Role: `arn:aws:iam::${ACCOUNT}:role/${physicalName}`,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Timeout: 30,
      Code: { ZipFile: await zipOf({ 'index.js': HANDLER }) },
      Tags: { [TAG.app]: 'shop', [TAG.stage]: 'dev', [TAG.function]: name },
    });
    await this.clock.advance(10_000);
    await lambda.publishVersion({ FunctionName: physicalName });
    await this.clock.advance(10_000);
    await lambda.createAlias({ FunctionName: physicalName, Name: 'live', FunctionVersion: '1' });
    return new EventFunction(this, target);
  }

  async #role(name: string, target: Target, bindings: readonly Binding[]): Promise<void> {
    const iam: IAM = await this.observer.iam();
    await iam.createRole({
      RoleName: name,
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'lambda.amazonaws.com' },
            Action: 'sts:AssumeRole',
          },
        ],
      }),
    });
    const Statement = bindingStatements({
      target,
      bindings,
    });
    if (Statement.length > 0) {
      await iam.putRolePolicy({
        RoleName: name,
        PolicyName: 'events',
        PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }),
      });
    }
    await this.clock.advance(30_000);
  }

  /** Does steps as the engine does, and answers their outputs. */
  async run(steps: readonly Step[]): Promise<ReadonlyMap<string, JsonObject>> {
    const outputs = new Map<string, JsonObject>();
    for (const step of steps) {
      const input = resolveObject(step.input, outputs);
      outputs.set(step.id, await this.#one({ ...step, input }));
    }
    return outputs;
  }

  async #one(step: Step): Promise<JsonObject> {
    const execute = EVENT_EXECUTORS[step.kind];
    if (!execute) throw new Error(`Nobody does ${step.kind}`);
    let resume: JsonValue | undefined;
    for (let poll = 0; poll < MOST_POLLS; poll += 1) {
      const result = await execute(this.aws, step, this.#call(resume));
      if (result.done) return result.output ?? {};
      resume = result.resume;
      await this.clock.advance(result.pollAfterMs);
    }
    throw new Error(`${step.id} does not end`);
  }

  #call(resume: JsonValue | undefined): CallContext {
    return {
      signal: new AbortController().signal,
      clock: {
        now: () => this.clock.now(),
        after: (ms, callback) => this.clock.after(ms, callback),
        sleep: (ms) => this.clock.advance(ms),
      },
      random: () => 0.5,
      warn: (message) => void this.warnings.push(message),
      artifacts: { get: () => Promise.reject(new Error('There is no artifact here')) },
      log: { log: (_level, message) => void this.warnings.push(message) },
      ...(resume === undefined ? {} : { resume }),
    };
  }
}

/** One function and its record, as the deploy planner keeps them. */
export class EventFunction {
  record: FunctionRecord = EMPTY_RECORD;
  readonly world: EventWorld;
  readonly target: Target;

  constructor(world: EventWorld, target: Target) {
    this.world = world;
    this.target = target;
  }

  get alias(): string {
    return `${this.target.functionArn}:live`;
  }

  wish(bindings: readonly Binding[], change: Partial<BindingWish> = {}): BindingWish {
    return {
      target: this.target,
      record: this.record,
      bindings,
      timeoutSeconds: 30,
      ...change,
    };
  }

  /** Brings the function to these bindings. */
  async bind(bindings: readonly Binding[], change: Partial<BindingWish> = {}): Promise<void> {
    const plan = planBindings(this.wish(bindings, change));
    await this.begin(plan, bindings);
    const outputs = await this.world.run(plan.steps);
    const { url } = resolveObject({ url: jsonOf(plan.url) }, outputs);
    this.record = {
      ...this.record,
      pending: [],
      url: typeof url === 'string' ? url : null,
    };
  }

  /** What is written down before the first step. */
  async begin(plan: BindingPlan, bindings: readonly Binding[]): Promise<void> {
    this.record = { ...this.record, bindings, pending: plan.touched, made: plan.made };
    const tags = encodeRecord(this.record);
    if (!tags) throw new Error('The record is too long');
    const lambda = await this.world.observer.lambda();
    await lambda.tagResource({ Resource: this.target.functionArn, Tags: tags });
  }

  /** What the removal of the function does before the function itself goes. */
  async unbindAll(): Promise<void> {
    await this.world.run(planRemoval(this.wish([])));
  }

  async remove(): Promise<void> {
    await this.unbindAll();
    const lambda = await this.world.observer.lambda();
    await lambda.deleteFunction({ FunctionName: this.target.physicalName });
    const iam = await this.world.observer.iam();
    await iam
      .deleteRolePolicy({ RoleName: this.target.physicalName, PolicyName: 'events' })
      .catch(() => undefined);
    await iam.deleteRole({ RoleName: this.target.physicalName });
  }
}

function jsonOf(url: BindingPlan['url']): JsonValue {
  return typeof url === 'object' && url !== null ? { ...url } : url;
}

function clientsOf(
  fake: AwsFake,
  credentials: { readonly accessKeyId: string; readonly secretAccessKey: string },
): AwsClients {
  return createClients({
    region: REGION,
    endpoint: fake.endpoint,
    credentials,
    profile: undefined,
    assumeRole: undefined,
    maxSockets: 50,
  });
}

async function zipOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [path, text] of Object.entries(files)) {
    zip.addBuffer(Buffer.from(text), path, { mtime: new Date(2026, 0, 1) });
  }
  zip.end();
  return buffer(zip.outputStream);
}
