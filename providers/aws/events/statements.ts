/** What the execution role of a function needs for its bindings. */
import type { Binding } from 'polyfaas/spi';
import type { Statement } from '../model.ts';
import { merged } from '../policy/document.ts';
import { isTableStream, placeOf, queueArn, streamArn, tableArn, type Place } from './arn.ts';
import type { BindingWish } from './types.ts';

interface Need {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resource: string;
}

/** The shim also hides messages for longer, to put off their next delivery. */
const QUEUE_ACTIONS = [
  'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:ReceiveMessage',
];
const STREAM_ACTIONS = [
  'kinesis:DescribeStream',
  'kinesis:DescribeStreamSummary',
  'kinesis:GetRecords',
  'kinesis:GetShardIterator',
  'kinesis:ListShards',
];
const TABLE_ACTIONS = [
  'dynamodb:DescribeStream',
  'dynamodb:GetRecords',
  'dynamodb:GetShardIterator',
];
const DEAD_LETTER_ACTIONS = ['sqs:SendMessage'];

const LOOKED_UP: ReadonlySet<string> = new Set(['queue', 'topic', 'object', 'bus']);

/** All that the role needs for the events. */
export function eventStatements({
  target,
  bindings,
}: Pick<BindingWish, 'target' | 'bindings'>): readonly Statement[] {
  if (bindings.length === 0) return [];
  // The entry looks the policy of such an event up when a delivery fails; Lambda itself knows that of the others.
  const looksUp = bindings.some(({ event }) => LOOKED_UP.has(event.type));
  return merged(
    bindingStatements({ target, bindings }),
    looksUp
      ? [{ Effect: 'Allow', Action: ['lambda:ListTags'], Resource: [target.functionArn] }]
      : [],
  );
}

/**
 * Exactly the actions that the bindings need, on exactly their sources. What pushes to the function (topics, buckets,
 * buses, routes, schedules) needs nothing of its role.
 */
export function bindingStatements(
  wish: Pick<BindingWish, 'target' | 'bindings'>,
): readonly Statement[] {
  const place = placeOf(wish.target);
  const needs = wish.bindings.flatMap((binding) => needsOf(place, binding));
  return ['Queues', 'Streams', 'Tables', 'TableStreams', 'DeadLetters'].flatMap((sid) => {
    const same = needs.filter((need) => need.sid === sid);
    const [first] = same;
    if (first === undefined) return [];
    return [
      {
        Sid: sid,
        Effect: 'Allow',
        Action: first.actions,
        Resource: [...new Set(same.map(({ resource }) => resource))].toSorted(),
      },
    ];
  });
}

function needsOf(place: Place, { event }: Binding): readonly Need[] {
  switch (event.type) {
    case 'http':
    case 'schedule':
      return [];
    case 'queue':
      // SQS itself moves a message to its dead-letter queue.
      return [{ sid: 'Queues', actions: QUEUE_ACTIONS, resource: queueArn(place, event.queue) }];
    case 'stream':
      return [
        { sid: 'Streams', actions: STREAM_ACTIONS, resource: streamArn(place, event.stream) },
        ...deadLetter(place, event.deadLetter),
      ];
    case 'table':
      return [
        {
          sid: 'Tables',
          actions: TABLE_ACTIONS,
          resource: isTableStream(event.table)
            ? event.table
            : `${tableArn(place, event.table)}/stream/*`,
        },
        // This action knows no resource (IAM service authorization reference, DynamoDB).
        { sid: 'TableStreams', actions: ['dynamodb:ListStreams'], resource: '*' },
        ...deadLetter(place, event.deadLetter),
      ];
    case 'topic':
    case 'object':
    case 'bus':
      break;
  }
  return deadLetter(place, event.deadLetter);
}

function deadLetter(place: Place, queue: string | undefined): readonly Need[] {
  if (queue === undefined) return [];
  return [{ sid: 'DeadLetters', actions: DEAD_LETTER_ACTIONS, resource: queueArn(place, queue) }];
}
