/** Puts the services together: each reaches the others through the world, when it needs them. */
import { createApiGatewayService } from './apigateway/index.ts';
import { createAutoScalingService } from './autoscaling/index.ts';
import type { FakeClock, World } from './core/ports.ts';
import type { Service } from './core/service.ts';
import { Work } from './core/work.ts';
import { createDynamoService } from './dynamodb/index.ts';
import { createEventsService } from './events/index.ts';
import { createIamService, type FakeIam } from './iam/index.ts';
import { createKinesisService } from './kinesis/index.ts';
import { createLambdaService, type LambdaService } from './lambda/index.ts';
import { createLogsService } from './logs/index.ts';
import { createMappingsService } from './mappings/index.ts';
import { createMonitoringService } from './monitoring/index.ts';
import { createS3Service, type S3Fake } from './s3/index.ts';
import { createSchedulerService } from './scheduler/index.ts';
import { createSecretsService } from './secrets/index.ts';
import { createSnsService } from './sns/index.ts';
import { createSqsService } from './sqs/index.ts';
import { createStsService } from './sts/index.ts';

export interface WorldOptions {
  readonly clock: FakeClock;
  readonly endpoint: string;
  /** Default: `123456789012`. */
  readonly account?: string;
  /** Default: `eu-central-1`. */
  readonly region?: string;
}

/** The world, and what only tests may know of it. */
export interface FakeWorld extends World {
  readonly iam: FakeIam;
  readonly work: Work;
  /** All that a server answers for. */
  readonly services: readonly Service[];
  /** Lambda itself, for the images that it finds. */
  readonly lambdaService: LambdaService;
  /** S3 itself, for the buckets of strangers. */
  readonly s3Service: S3Fake;
  /** A line for every resource of every service. */
  inventory(): readonly string[];
}

export function createWorld(options: WorldOptions): FakeWorld {
  const { clock, endpoint, account = '123456789012', region = 'eu-central-1' } = options;
  const work = new Work();
  const iam = createIamService({ clock, account });

  // Services keep the world and look their neighbours up when they are asked something, so the order is free.
  const world: FakeWorld = {
    clock,
    account,
    region,
    endpoint,
    work,
    iam: iam.port,
    get lambda() {
      return lambda.port;
    },
    get mappings() {
      return mappingsPort;
    },
    get sqs() {
      return sqs.port;
    },
    get sns() {
      return sns.port;
    },
    get events() {
      return events.port;
    },
    get kinesis() {
      return kinesis.port;
    },
    get dynamodb() {
      return dynamodb.port;
    },
    get s3() {
      return s3.port;
    },
    get logs() {
      return logs.port;
    },
    get metrics() {
      return monitoring.port;
    },
    get secrets() {
      return secrets.port;
    },
    get services() {
      return services;
    },
    get lambdaService() {
      return lambda;
    },
    get s3Service() {
      return s3;
    },
    inventory: () => services.flatMap((service) => service.inventory()),
  };

  const logs = createLogsService(world);
  const monitoring = createMonitoringService(world);
  const secrets = createSecretsService(world);
  const sqs = createSqsService(world);
  const sns = createSnsService(world);
  const events = createEventsService(world);
  const kinesis = createKinesisService(world);
  const dynamodb = createDynamoService(world);
  const s3 = createS3Service(world);
  const mappings = createMappingsService(world);
  // Event source mappings are a part of the Lambda API: that service hands their requests on.
  const mappingsPort = {
    ...mappings.port,
    handle: mappings.handle,
    operationOf: (request: { readonly method: string; readonly path: string }) =>
      mappings.match(request.method, request.path)?.route.operation,
  };
  const lambda = createLambdaService(world);
  const services: readonly Service[] = [
    iam,
    createStsService(world),
    {
      ...lambda,
      inventory: () => [...lambda.inventory(), ...mappings.inventory()],
      async stop() {
        await mappings.stop();
        await lambda.stop?.();
      },
    },
    sqs,
    sns,
    events,
    createSchedulerService(world),
    createApiGatewayService(world),
    s3,
    kinesis,
    dynamodb,
    logs,
    monitoring,
    createAutoScalingService(world),
    secrets,
  ];

  return world;
}
