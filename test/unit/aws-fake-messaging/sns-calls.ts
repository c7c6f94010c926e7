/** The calls on topics that the tests of SNS make over and over, by the real client. */
import {
  CreateTopicCommand,
  PublishCommand,
  SubscribeCommand,
  type PublishCommandInput,
  type SNSClient,
} from '@aws-sdk/client-sns';
import { ACCOUNT, ALIAS, REGION, Scene, snsClient } from './support.ts';

export const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:news`;

/** A scene and a client of its topics. */
export class TopicScene {
  readonly scene: Scene;
  readonly client: SNSClient;

  constructor(scene: Scene) {
    this.scene = scene;
    this.client = snsClient(scene);
  }

  static async start(): Promise<TopicScene> {
    return new TopicScene(await new Scene().start());
  }

  async stop(): Promise<void> {
    this.client.destroy();
    await this.scene.stop();
  }

  async createTopic(
    Tags: { Key: string; Value: string }[] = [],
    Attributes: Record<string, string> = {},
  ): Promise<string> {
    const made = await this.client.send(new CreateTopicCommand({ Name: 'news', Tags, Attributes }));
    return made.TopicArn ?? '';
  }

  async subscribe(
    Attributes: Record<string, string> = {},
    Protocol = 'lambda',
    Endpoint = ALIAS,
  ): Promise<string> {
    const made = await this.client.send(
      new SubscribeCommand({
        TopicArn: TOPIC,
        Protocol,
        Endpoint,
        Attributes,
        ReturnSubscriptionArn: true,
      }),
    );
    return made.SubscriptionArn ?? '';
  }

  async publish(
    Message: string,
    attributes: Record<string, string | number> = {},
    more: Partial<PublishCommandInput> = {},
  ): Promise<void> {
    const MessageAttributes = Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [
        name,
        { DataType: typeof value === 'number' ? 'Number' : 'String', StringValue: `${value}` },
      ]),
    );
    await this.client.send(
      new PublishCommand({ TopicArn: TOPIC, Message, MessageAttributes, ...more }),
    );
    await this.scene.settle();
  }
}
