/** The attributes that a subscription can be given. */
import { isObject } from '../core/operation.ts';
import { compileFilter, type FilterScope } from './filter-policy.ts';
import { invalidParameter } from './faults.ts';
import type { Subscription } from './topics.ts';

const NAMES = [
  'DeliveryPolicy',
  'FilterPolicy',
  'FilterPolicyScope',
  'RawMessageDelivery',
  'RedrivePolicy',
];

/** Refuses an attribute that the service refuses for the protocol. */
export function checkSubscriptionAttribute(
  name: string,
  value: string,
  protocol: string,
  isSubscribing: boolean,
): void {
  const prefix = isSubscribing ? 'Attributes Reason: ' : '';
  const refuse = (reason: string): Error => invalidParameter(`${prefix}${reason}`);
  if (!NAMES.includes(name)) {
    throw isSubscribing ? refuse(`Unknown attribute: ${name}`) : invalidParameter('AttributeName');
  }
  if (name === 'FilterPolicyScope' && value !== 'MessageAttributes' && value !== 'MessageBody') {
    throw refuse(
      `FilterPolicyScope: Invalid value [${value}]. Please use either MessageBody or MessageAttributes`,
    );
  }
  if (name === 'RawMessageDelivery') {
    if (value.toLowerCase() !== 'true' && value.toLowerCase() !== 'false') {
      throw refuse(`RawMessageDelivery: Invalid value [${value}]. Must be true or false.`);
    }
    if (protocol === 'lambda' && value.toLowerCase() === 'true') {
      throw refuse(`Delivery protocol [${protocol}] does not support raw message delivery.`);
    }
  }
  if (name === 'RedrivePolicy' && value !== '') checkRedrive(value, refuse);
}

function checkRedrive(value: string, refuse: (reason: string) => Error): void {
  let policy: unknown;
  try {
    policy = JSON.parse(value);
  } catch {
    throw refuse('RedrivePolicy: failed to parse JSON.');
  }
  const target = isObject(policy) ? policy['deadLetterTargetArn'] : undefined;
  if (target === undefined) return;
  if (
    typeof target !== 'string' ||
    !/^arn:aws[\w-]*:sqs:[\w-]+:\d{12}:[\w-]+(\.fifo)?$/.test(target)
  ) {
    throw refuse('RedrivePolicy: deadLetterTargetArn is an invalid arn');
  }
}

/** The filter that the attributes come to. Throws when they make none. */
export function filterOf(
  attributes: ReadonlyMap<string, string>,
  isSubscribing: boolean,
): Subscription['filter'] {
  const scope: FilterScope =
    attributes.get('FilterPolicyScope') === 'MessageBody' ? 'MessageBody' : 'MessageAttributes';
  const prefix = isSubscribing ? 'Attributes Reason: ' : '';
  return compileFilter(attributes.get('FilterPolicy') ?? '', scope, prefix);
}
