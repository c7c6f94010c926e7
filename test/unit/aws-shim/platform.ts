/** A small AWS: the services of the fake that direct calls, the shim, numbers and logs need, and one function on it. */
import { createClients, type AwsClients } from '../../../providers/aws/clients/index.ts';
import { ENV } from '../../../providers/aws/envelope.ts';
import { createInvoker, type Invoker } from '../../../providers/aws/invoke/index.ts';
import type { AwsObserved, VersionNote } from '../../../providers/aws/model.ts';
import { encodeRecord, EMPTY_RECORD } from '../../../providers/aws/record.ts';
import { HANDLER } from '../../../providers/aws/shim/packaging.ts';
import {
  type Binding,
  type CallContext,
  type InvokeRequest,
  type JsonValue,
  NEVER_ABORTS,
} from '../../../src/spi/index.ts';
import type { World } from '../../fakes/aws/core/ports.ts';
import { FakeServer } from '../../fakes/aws/core/server.ts';
import { Work } from '../../fakes/aws/core/work.ts';
import { createIamService } from '../../fakes/aws/iam/index.ts';
import { createLambdaService } from '../../fakes/aws/lambda/index.ts';
import { createLogsService } from '../../fakes/aws/logs/index.ts';
import { createMonitoringService } from '../../fakes/aws/monitoring/index.ts';
import { createSecretsService } from '../../fakes/aws/secrets/index.ts';
import { createSqsService } from '../../fakes/aws/sqs/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { WaitingClock } from '../../support/waiting-clock.ts';
import { packZip } from './artifact.ts';

export const REGION = 'eu-central-1';
export const ACCOUNT = '123456789012';
export const NAME = 'shop-test-orders';
export const REF = { app: 'shop', stage: 'test', name: 'orders' };
export const FUNCTION_ARN = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${NAME}`;
export const GROUP = `/aws/lambda/${NAME}`;
export const LIVE_ARN = `${FUNCTION_ARN}:live`;

const POLICY = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: [
        'logs:*',
        'lambda:ListTags',
        'sqs:SendMessage',
        'sqs:ChangeMessageVisibility',
        'secretsmanager:GetSecretValue',
      ],
      Resource: ['*'],
    },
  ],
};

export interface FunctionOptions {
  readonly signature?: 'aws-lambda';
  readonly env?: Readonly<Record<string, string>>;
  readonly bindings?: readonly Binding[];
  readonly timeoutSeconds?: number;
  readonly logFormat?: 'Text' | 'JSON';
  readonly hasShim?: boolean;
  readonly logTailSampleRate?: number;
}

/** The platform, and a function named `orders` on it. */
export class Platform {
  readonly clock = new ManualClock(Date.now());
  readonly waiting = new WaitingClock(this.clock);
  readonly world: World;
  readonly aws: AwsClients;
  readonly invoker: Invoker;
  /** What the library logged of itself. */
  readonly logged: { readonly message: string; readonly fields: unknown }[] = [];
  /** The ids of calls that failed, ours and Lambda's. */
  readonly failed: (readonly [string, string])[] = [];
  observations = 0;
  readonly #server: FakeServer;
  readonly #state: { note: VersionNote; version: string };

  private constructor(
    server: FakeServer,
    world: World,
    aws: AwsClients,
    clock: ManualClock,
    note: VersionNote,
    logTailSampleRate: number,
  ) {
    this.#server = server;
    this.world = world;
    this.aws = aws;
    this.clock = clock;
    this.waiting = new WaitingClock(clock);
    this.#state = { note, version: '1' };
    this.invoker = createInvoker({
      aws,
      observe: () => {
        this.observations += 1;
        return Promise.resolve(this.observed());
      },
      failed: (...ids) => void this.failed.push(ids),
      options: { logTailSampleRate },
    });
  }

  static async start(source: string, options: FunctionOptions = {}): Promise<Platform> {
    const clock = new ManualClock(Date.now());
    const work = new Work();
    const parts: Record<string, unknown> = {};
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Only the ports that these tests need are there.
    const world = parts as unknown as World;
    Object.assign(parts, { clock, account: ACCOUNT, region: REGION, work });
    const iam = createIamService(world);
    const server = await FakeServer.start({
      authenticate: (key, token) => iam.port.authenticate(key, token),
    });
    parts['endpoint'] = server.endpoint;
    parts['iam'] = iam.port;
    const services = {
      logs: createLogsService(world),
      metrics: createMonitoringService(world),
      sqs: createSqsService(world),
      secrets: createSecretsService(world),
    };
    const lambda = createLambdaService(world);
    for (const [name, service] of Object.entries({ ...services, lambda })) {
      parts[name] = service.port;
      server.add(service);
    }
    server.add(iam);
    const credentials = iam.port.user('deployer');
    const aws = createClients({
      region: REGION,
      endpoint: server.endpoint,
      credentials,
      profile: undefined,
      assumeRole: undefined,
      maxSockets: 64,
    });
    const { hasShim = true, logTailSampleRate = 0 } = options;
    const platform = new Platform(server, world, aws, clock, noteOf(hasShim), logTailSampleRate);
    await platform.#create(source, options);
    return platform;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.aws.close();
    await this.#server.stop();
  }

  call(signal: AbortSignal = NEVER_ABORTS): CallContext {
    return {
      signal,
      clock: this.waiting,
      random: () => 0.5,
      warn: (message, fields) => void this.logged.push({ message, fields }),
      artifacts: { get: () => Promise.reject(new Error('no artifacts here')) },
      log: { log: (_level, message, fields) => void this.logged.push({ message, fields }) },
    };
  }

  invoke(input: JsonValue, change: Partial<InvokeRequest> = {}) {
    const request: InvokeRequest = {
      input,
      mode: 'sync',
      requestId: 'request-1',
      trace: undefined,
      idempotent: false,
      ...change,
    };
    return this.invoker.invoke(REF, request, this.call());
  }

  /** As a service of AWS would call the alias. */
  async deliver(event: unknown, type: 'RequestResponse' | 'Event' = 'RequestResponse') {
    const client = await this.aws.invoker();
    const reply = await client.invoke({
      FunctionName: LIVE_ARN,
      InvocationType: type,
      Payload: Buffer.from(JSON.stringify(event)),
    });
    const text = reply.Payload?.transformToString() ?? '';
    const answer: unknown = text === '' ? null : JSON.parse(text);
    return { answer, failed: reply.FunctionError !== undefined };
  }

  /** Lets what is under way come to its end before time goes on, and after. */
  async advance(ms: number): Promise<void> {
    await this.#settle();
    await this.clock.advance(ms);
    await this.#settle();
  }

  async queue(name: string): Promise<string> {
    const sqs = await this.aws.sqs();
    await sqs.createQueue({ QueueName: name, Attributes: { VisibilityTimeout: '30' } });
    return this.world.sqs.arnOf(name);
  }

  observed(): AwsObserved {
    const { note, version } = this.#state;
    const { memoryMb, timeoutSeconds, digest, handles } = note;
    const described = { version, createdAt: '', digest, handles, memoryMb, timeoutSeconds };
    const observed: Partial<AwsObserved> = {
      token: 't',
      physicalName: NAME,
      functionArn: FUNCTION_ARN,
      isStranger: false,
      isOwned: true,
      record: EMPTY_RECORD,
      live: { version, revisionId: 'r', note, weights: {} },
      description: {
        ...REF,
        provider: 'aws',
        region: REGION,
        physicalName: NAME,
        liveVersion: version,
        versions: [described],
        bindings: [],
        url: null,
      },
    };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- What calls do not read is left out.
    return observed as AwsObserved;
  }

  async #settle(): Promise<void> {
    while (this.world.work.active > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  }

  async #create(source: string, options: FunctionOptions): Promise<void> {
    const { env = {}, bindings = [], timeoutSeconds = 5, logFormat = 'Text' } = options;
    const iam = await this.aws.iam();
    const trust = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'lambda.amazonaws.com' },
          Action: 'sts:AssumeRole',
        },
      ],
    };
    const { Role } = await iam.createRole({
      RoleName: 'orders',
      AssumeRolePolicyDocument: JSON.stringify(trust),
    });
    await iam.putRolePolicy({
      RoleName: 'orders',
      PolicyName: 'run',
      PolicyDocument: JSON.stringify(POLICY),
    });
    await this.clock.advance(60_000);
    await (await this.aws.logs()).createLogGroup({ logGroupName: GROUP });
    const lambda = await this.aws.lambda();
    await lambda.createFunction({
      FunctionName: NAME,
      Role: Role?.Arn,
      Runtime: 'nodejs24.x',
      Handler: HANDLER,
      Code: { ZipFile: await packZip(source, options.signature) },
      MemorySize: 256,
      Timeout: timeoutSeconds,
      LoggingConfig: { LogFormat: logFormat },
      Environment: {
        Variables: {
          [ENV.app]: REF.app,
          [ENV.stage]: REF.stage,
          [ENV.function]: REF.name,
          ...env,
        },
      },
      Tags: { ...encodeRecord({ ...EMPTY_RECORD, bindings }) },
    });
    await this.clock.advance(60_000);
    await lambda.publishVersion({ FunctionName: NAME });
    await this.clock.advance(60_000);
    await lambda.createAlias({ FunctionName: NAME, Name: 'live', FunctionVersion: '1' });
  }
}

function noteOf(hasShim: boolean): VersionNote {
  return {
    version: '1',
    digest: 'd',
    artifactDigest: 'a',
    codeSha256: null,
    handles: ['invoke'],
    hasShim,
    memoryMb: 256,
    timeoutSeconds: 5,
    createdAt: null,
    canary: null,
    newest: null,
    configDigest: null,
  };
}
