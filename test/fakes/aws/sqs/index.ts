/** Amazon SQS, as its clients see it on the wire. */
import { jsonService } from '../core/json-protocol.ts';
import type { Input } from '../core/operation.ts';
import type { SqsPort, World } from '../core/ports.ts';
import type { Service } from '../core/service.ts';
import { messageOperations } from './message-operations.ts';
import { MoveTasks } from './move-tasks.ts';
import { queueOperations } from './operations.ts';
import { sqsPort } from './port.ts';
import { Queues, type SqsOptions } from './queues.ts';

export type { SqsOptions } from './queues.ts';

export interface SqsService extends Service {
  readonly port: SqsPort;
}

/** Rights are given for the single operation, and cover its batch. */
const ACTIONS: Readonly<Record<string, string>> = {
  SendMessageBatch: 'SendMessage',
  DeleteMessageBatch: 'DeleteMessage',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
};

export function createSqsService(world: World, options: SqsOptions = {}): SqsService {
  const queues = new Queues(world, options);
  const tasks = new MoveTasks(queues);
  const service = jsonService({
    id: 'sqs',
    targetPrefix: 'AmazonSQS',
    version: '1.0',
    operations: {
      ...queueOperations(queues),
      ...messageOperations(queues),
      StartMessageMoveTask: (input) => tasks.start(input),
      ListMessageMoveTasks: (input) => tasks.list(input),
    },
    inventory: () => queues.all().map((queue) => `sqs queue ${queue.name}`),
    action: (operation) => `sqs:${ACTIONS[operation] ?? operation}`,
    resource: (_operation, input) => resourceOf(queues, input),
    denied: { status: 403, code: 'AccessDeniedException' },
    stop: () => {
      queues.closeAll();
      return Promise.resolve();
    },
  });
  return { ...service, port: sqsPort(queues) };
}

function resourceOf(queues: Queues, input: Input): string {
  const { QueueUrl, QueueName, SourceArn } = input;
  if (typeof QueueUrl === 'string') return queues.arnOf(QueueUrl.split('/').at(-1) ?? '');
  if (typeof QueueName === 'string') return queues.arnOf(QueueName);
  return typeof SourceArn === 'string' ? SourceArn : '*';
}
