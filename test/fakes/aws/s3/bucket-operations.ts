/** Buckets themselves and what is set on them. */
import {
  childText,
  child,
  children,
  readXml,
  writeXml,
  type XmlNode,
  type XmlValue,
} from '../core/xml.ts';
import type { World } from '../core/ports.ts';
import { AwsFault } from '../core/service.ts';
import type { Bucket, Buckets } from './buckets.ts';
import { invalidArgument, malformedXml } from './fault.ts';
import { checkTargets } from './notification.ts';
import { notificationsXml, readNotifications } from './notification-xml.ts';
import { checkDestinations } from './notify.ts';
import type { S3Operation } from './operation.ts';

const NAMESPACE = { xmlns: 'http://s3.amazonaws.com/doc/2006-03-01/' };
const OWNER = { ID: 'A3EXAMPLE', DisplayName: 'owner' };

export function document(name: string, value: XmlValue): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${writeXml(name, value, NAMESPACE)}`;
}

/** The document of a request. */
export function xmlOf(content: Buffer): XmlNode {
  try {
    return readXml(content.toString('utf8'));
  } catch {
    throw malformedXml();
  }
}

export function bucketOperations(
  world: World,
  buckets: Buckets,
): Readonly<Record<string, S3Operation>> {
  return {
    ListBuckets: ({ query }) => ({
      body: document('ListAllMyBucketsResult', {
        Owner: OWNER,
        Buckets: {
          Bucket: buckets
            .all()
            .filter(({ region }) => region === (query.get('bucket-region') ?? region))
            .map(({ name, createdAt }) => ({ Name: name, CreationDate: new Date(createdAt) })),
        },
      }),
    }),
    CreateBucket({ bucket, content }) {
      const configuration = content.length === 0 ? undefined : xmlOf(content);
      checkLocation(world.region, childText(configuration, 'LocationConstraint'));
      buckets.create(bucket, tagsOf(child(configuration, 'Tags')));
      return { headers: { location: `/${bucket}` } };
    },
    HeadBucket({ bucket }) {
      return { headers: { 'x-amz-bucket-region': buckets.get(bucket).region } };
    },
    DeleteBucket({ bucket }) {
      buckets.delete(bucket);
      return { status: 204 };
    },
    GetBucketLocation({ bucket }) {
      const { region } = buckets.get(bucket);
      return { body: document('LocationConstraint', region === 'us-east-1' ? '' : region) };
    },
    GetBucketTagging({ bucket }) {
      const { tags } = buckets.get(bucket);
      if (tags.length === 0) {
        throw new AwsFault(404, 'NoSuchTagSet', 'The TagSet does not exist', {
          fields: { BucketName: bucket },
        });
      }
      return {
        body: document('Tagging', {
          TagSet: { Tag: tags.map(([Key, Value]) => ({ Key, Value })) },
        }),
      };
    },
    PutBucketTagging({ bucket, content }) {
      const found = buckets.get(bucket);
      found.tags = tagsOf(child(xmlOf(content), 'TagSet'));
      return { status: 204 };
    },
    DeleteBucketTagging({ bucket }) {
      buckets.get(bucket).tags = [];
      return { status: 204 };
    },
    PutPublicAccessBlock({ bucket, content }) {
      buckets.get(bucket).publicAccessBlock = checked(content, 'PublicAccessBlockConfiguration');
      return {};
    },
    GetPublicAccessBlock({ bucket }) {
      return setting(
        buckets.get(bucket).publicAccessBlock,
        'NoSuchPublicAccessBlockConfiguration',
        'The public access block configuration was not found',
      );
    },
    PutBucketEncryption({ bucket, content }) {
      buckets.get(bucket).encryption = checked(content, 'ServerSideEncryptionConfiguration');
      return {};
    },
    GetBucketEncryption({ bucket }) {
      return setting(
        buckets.get(bucket).encryption,
        'ServerSideEncryptionConfigurationNotFoundError',
        'The server side encryption configuration was not found',
      );
    },
    GetBucketNotificationConfiguration({ bucket }) {
      const { notifications } = buckets.get(bucket);
      return { body: document('NotificationConfiguration', notificationsXml(notifications)) };
    },
    PutBucketNotificationConfiguration({ bucket, content, headers }) {
      const found: Bucket = buckets.get(bucket);
      const notifications = readNotifications(xmlOf(content));
      checkTargets(notifications.targets);
      if (headers['x-amz-skip-destination-validation'] !== 'true') {
        checkDestinations(world, bucket, notifications);
      }
      found.notifications = notifications;
      return {};
    },
  };
}

function checkLocation(region: string, constraint: string | undefined): void {
  if (region === 'us-east-1') {
    if (constraint === undefined || constraint === '') return;
    if (constraint === 'us-east-1') {
      throw new AwsFault(
        400,
        'InvalidLocationConstraint',
        'The specified location-constraint is not valid',
        { fields: { LocationConstraint: constraint } },
      );
    }
  }
  if (constraint === region) return;
  const named = constraint === undefined || constraint === '' ? 'unspecified' : constraint;
  throw new AwsFault(
    400,
    'IllegalLocationConstraintException',
    `The ${named} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  );
}

function tagsOf(set: XmlNode | undefined): readonly (readonly [string, string])[] {
  const tags = children(set, 'Tag').map((tag): readonly [string, string] => [
    childText(tag, 'Key') ?? '',
    childText(tag, 'Value') ?? '',
  ]);
  if (tags.length > 50) {
    throw new AwsFault(400, 'BadRequest', 'Bucket tag count cannot be greater than 50');
  }
  if (tags.some(([key]) => key === '' || key.length > 128)) {
    throw new AwsFault(400, 'InvalidTag', 'The TagKey you have provided is invalid');
  }
  if (tags.some(([, value]) => value.length > 256)) {
    throw new AwsFault(400, 'InvalidTag', 'The TagValue you have provided is invalid');
  }
  if (new Set(tags.map(([key]) => key)).size < tags.length) {
    throw invalidArgument('Cannot provide multiple Tags with the same key');
  }
  return tags;
}

function checked(content: Buffer, name: string): string {
  if (xmlOf(content).name !== name) throw malformedXml();
  return content.toString('utf8');
}

function setting(value: string | undefined, code: string, message: string): { body: string } {
  if (value === undefined) throw new AwsFault(404, code, message);
  return { body: value };
}
