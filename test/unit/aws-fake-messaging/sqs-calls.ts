/** The calls on queues that the tests of SQS make over and over, by the real client. */
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { ACCOUNT, REGION, Scene, sqsClient } from './support.ts';
import type { SqsOptions } from '../../fakes/aws/sqs/index.ts';

export const arn = (name: string): string => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;

export const bodies = (messages: readonly Message[]): unknown[] => messages.map(({ Body }) => Body);

/** A scene and a client of its queues. */
export class QueueScene {
  readonly scene: Scene;
  readonly client: SQSClient;

  constructor(scene: Scene) {
    this.scene = scene;
    this.client = sqsClient(scene);
  }

  static async start(options: SqsOptions = {}): Promise<QueueScene> {
    return new QueueScene(await new Scene().start(options));
  }

  async stop(): Promise<void> {
    this.client.destroy();
    await this.scene.stop();
  }

  url(name: string): string {
    return `${this.scene.endpoint}/${ACCOUNT}/${name}`;
  }

  async create(
    name: string,
    Attributes: Record<string, string> = {},
    tags: Record<string, string> = {},
  ): Promise<string> {
    const command = new CreateQueueCommand({ QueueName: name, Attributes, tags });
    const made = await this.client.send(command);
    return made.QueueUrl ?? '';
  }

  async send(QueueUrl: string, MessageBody: string): Promise<void> {
    await this.client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  }

  async receive(QueueUrl: string, max = 10): Promise<readonly Message[]> {
    const got = await this.client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: max,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    );
    return got.Messages ?? [];
  }
}
