/** `NotificationConfiguration` documents. */
import { randomUUID } from 'node:crypto';
import { child, children, childText, type XmlNode, type XmlValue } from '../core/xml.ts';
import { invalidArgument, malformedXml } from './fault.ts';
import type { NotificationTarget, Notifications } from './notification.ts';

const KINDS = [
  { kind: 'CloudFunction', element: 'CloudFunctionConfiguration', arn: 'CloudFunction' },
  { kind: 'Queue', element: 'QueueConfiguration', arn: 'Queue' },
  { kind: 'Topic', element: 'TopicConfiguration', arn: 'Topic' },
] as const;

export function readNotifications(root: XmlNode): Notifications {
  if (root.name !== 'NotificationConfiguration') throw malformedXml();
  return {
    targets: KINDS.flatMap(({ kind, element, arn }) =>
      children(root, element).map((node) => targetOf(kind, node, childText(node, arn))),
    ),
    hasEventBridge: child(root, 'EventBridgeConfiguration') !== undefined,
  };
}

function targetOf(
  kind: NotificationTarget['kind'],
  node: XmlNode,
  arn: string | undefined,
): NotificationTarget {
  if (arn === undefined || arn === '') throw malformedXml();
  const filter = child(child(node, 'Filter'), 'S3Key');
  const rules = new Map<string, string>();
  for (const rule of children(filter, 'FilterRule')) {
    const name = childText(rule, 'Name')?.toLowerCase() ?? '';
    if (name !== 'prefix' && name !== 'suffix') {
      throw invalidArgument('filter rule name must be either prefix or suffix', {
        ArgumentName: 'FilterRule.Name',
        ArgumentValue: name,
      });
    }
    if (rules.has(name)) {
      throw invalidArgument(`Cannot specify more than one ${name} rule in a filter.`, {
        ArgumentName: `filter ${name}`,
        ArgumentValue: childText(rule, 'Value') ?? '',
      });
    }
    rules.set(name, childText(rule, 'Value') ?? '');
  }
  const id = childText(node, 'Id') ?? '';
  return {
    id: id === '' ? randomUUID() : id,
    kind,
    arn,
    events: children(node, 'Event').map((event) => event.text),
    prefix: rules.get('prefix'),
    suffix: rules.get('suffix'),
  };
}

export function notificationsXml(notifications: Notifications): XmlValue {
  const value: Record<string, XmlValue> = {};
  for (const { kind, element, arn } of KINDS) {
    value[element] = notifications.targets
      .filter((target) => target.kind === kind)
      .map((target) => ({
        Id: target.id,
        [arn]: target.arn,
        Event: target.events,
        Filter: filterXml(target),
      }));
  }
  return { ...value, ...(notifications.hasEventBridge && { EventBridgeConfiguration: {} }) };
}

function filterXml(target: NotificationTarget): XmlValue {
  const rules = [
    { Name: 'Prefix', Value: target.prefix },
    { Name: 'Suffix', Value: target.suffix },
  ].filter((rule) => rule.Value !== undefined);
  return rules.length === 0 ? undefined : { S3Key: { FilterRule: rules } };
}
