/** What the services take as names of sources ("Naming rules and restrictions for Azure resources"). */
import type { NativeKind } from '../arm-id.ts';

export interface SourceRule {
  /** What a resource id may lead to. */
  readonly kinds: readonly NativeKind[];
  readonly pattern: RegExp;
  /** What the pattern means, for people. */
  readonly rule: string;
  readonly example: string;
}

const GROUP = '/subscriptions/<id>/resourceGroups/shop/providers';
/** Queues and containers of Azure Storage have the same rules; a queue must do for them, and does for Service Bus too. */
const STORAGE_NAME = /^(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$/;
const STORAGE_RULE =
  '3 to 63 lower-case letters, digits and single "-", beginning and ending with a letter or digit';

export const SOURCE_RULES = {
  queue: {
    kinds: ['storageQueue', 'serviceBusQueue'],
    pattern: STORAGE_NAME,
    rule: STORAGE_RULE,
    example: `${GROUP}/Microsoft.Storage/storageAccounts/shop/queueServices/default/queues/orders`,
  },
  bucket: {
    kinds: ['container'],
    pattern: STORAGE_NAME,
    rule: STORAGE_RULE,
    example: `${GROUP}/Microsoft.Storage/storageAccounts/shop/blobServices/default/containers/pictures`,
  },
  topic: {
    kinds: ['topic'],
    // Service Bus takes "/" too, but Resource Manager calls such a topic by another name.
    pattern: /^(?=.{1,260}$)[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9_])?$/,
    rule: '1 to 260 letters, digits, ".", "-" and "_", beginning with a letter or digit and ending with one or "_"',
    example: `${GROUP}/Microsoft.ServiceBus/namespaces/shop/topics/users`,
  },
  stream: {
    kinds: ['hub'],
    pattern: /^(?=.{1,256}$)[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$/,
    rule: '1 to 256 letters, digits, ".", "-" and "_", beginning and ending with a letter or digit',
    example: `${GROUP}/Microsoft.EventHub/namespaces/shop/eventhubs/clicks`,
  },
  table: {
    kinds: ['table'],
    pattern: /^[^/\\#?\s%]{1,255}$/,
    rule: '1 to 255 characters without "/", "\\", "#", "?", "%" and spaces',
    example: `${GROUP}/Microsoft.DocumentDB/databaseAccounts/shop/sqlDatabases/shop/containers/orders`,
  },
  bus: {
    kinds: ['bus'],
    // The topic that is made has a name of its own, which holds a hash of this one.
    pattern: /^[\w. -]{1,128}$/,
    rule: '1 to 128 letters, digits, ".", "-", "_" and spaces',
    example: `${GROUP}/Microsoft.EventGrid/topics/shop`,
  },
} satisfies Readonly<Record<string, SourceRule>>;
