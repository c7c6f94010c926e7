/** What the services take as names of sources. */
import { isNative, parseArn, plainName } from '../arn.ts';

/** How one service names its sources. */
export interface SourceRule {
  /** The service in the source's ARN. */
  readonly service: string;
  /** What an ARN's resource begins with. */
  readonly resource: string;
  readonly pattern: RegExp;
  /** What the pattern means, for people. */
  readonly rule: string;
  readonly example: string;
}

/** From the API references of the services: `CreateQueue`, `CreateTopic`, `CreateStream`, `CreateTable`, `CreateEventBus`. */
export const SOURCE_RULES = {
  queue: {
    service: 'sqs',
    resource: '',
    pattern: /^(?=.{1,80}$)[\w-]+(\.fifo)?$/,
    rule: '1 to 80 letters, digits, "-" and "_" (a FIFO queue ends with ".fifo", which counts)',
    example: 'arn:aws:sqs:eu-central-1:123456789012:orders',
  },
  topic: {
    service: 'sns',
    resource: '',
    pattern: /^(?=.{1,256}$)[\w-]+(\.fifo)?$/,
    rule: '1 to 256 letters, digits, "-" and "_"',
    example: 'arn:aws:sns:eu-central-1:123456789012:users',
  },
  stream: {
    service: 'kinesis',
    resource: 'stream/',
    pattern: /^[\w.-]{1,128}$/,
    rule: '1 to 128 letters, digits, ".", "-" and "_"',
    example: 'arn:aws:kinesis:eu-central-1:123456789012:stream/clicks',
  },
  table: {
    service: 'dynamodb',
    resource: 'table/',
    pattern: /^[\w.-]{3,255}$/,
    rule: '3 to 255 letters, digits, ".", "-" and "_"',
    example: 'arn:aws:dynamodb:eu-central-1:123456789012:table/orders',
  },
  bus: {
    service: 'events',
    resource: 'event-bus/',
    pattern: /^(?!aws\.)[\w.-]{1,256}$/,
    rule: '1 to 256 letters, digits, ".", "-" and "_", not beginning with "aws."',
    example: 'arn:aws:events:eu-central-1:123456789012:event-bus/shop',
  },
  bucket: {
    service: 's3',
    resource: '',
    // S3 user guide, "General purpose bucket naming rules".
    pattern:
      /^(?!xn--|sthree-|amzn-s3-demo-)(?!.*(?:-s3alias|--ol-s3|--x-s3|--table-s3|\.mrap)$)(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    rule: '3 to 63 lower case letters, digits, "." and "-", beginning and ending with a letter or digit, and no address of four numbers',
    example: 'arn:aws:s3:::pictures',
  },
} satisfies Readonly<Record<string, SourceRule>>;

/** What is wrong with the name of a source, or undefined. */
export function sourceProblem(rule: SourceRule, name: string, create: boolean): string | undefined {
  if (!isNative(name)) {
    if (rule.pattern.test(name)) return undefined;
    return `"${name}" is no name that AWS takes: ${rule.rule}. Choose another name, or give an ARN such as ${rule.example}.`;
  }
  const parts = parseArn(name);
  // A queue's address names the service already.
  if (parts !== undefined) {
    const isRight =
      parts.service === rule.service &&
      parts.resource.startsWith(rule.resource) &&
      rule.pattern.test(plainName(name));
    if (!isRight) {
      return `"${name}" is no ARN of this kind of source. Give one such as ${rule.example}, or a plain name.`;
    }
  } else if (rule.service !== 'sqs') {
    return `"${name}" is the address of a queue. Give an ARN such as ${rule.example}, or a plain name.`;
  }
  return create
    ? `"${name}" is an ARN or address, and "create" makes sources in the function's own account and region by plain name. Give the plain name, or set create to false.`
    : undefined;
}
