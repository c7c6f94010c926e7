/** What a bucket is to be. https://cloud.google.com/storage/docs/json_api/v1/buckets#resource */
import { mapOf, textOf, type JsonMap } from '../core/json.ts';
import { checkLabels } from '../core/labels.ts';
import { forbidden, invalid, required } from './faults.ts';
import { checkBody, type Schema } from './fields.ts';
import { isLocation } from './locations.ts';

export interface BucketWish {
  readonly name: string;
  readonly location: string;
  readonly storageClass: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly settings: JsonMap;
}

const SETTINGS: Schema = {
  iamConfiguration: {
    uniformBucketLevelAccess: { enabled: 'flag', lockedTime: 'text' },
    publicAccessPrevention: 'text',
  },
  versioning: { enabled: 'flag' },
  softDeletePolicy: 'object',
  lifecycle: 'object',
};
const CLASSES = ['STANDARD', 'NEARLINE', 'COLDLINE', 'ARCHIVE'];
const NAME = /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;

export function readBucket(body: unknown): BucketWish {
  const sent = checkBody(body, {
    kind: 'text',
    name: 'text',
    location: 'text',
    storageClass: 'text',
    labels: 'map',
    ...SETTINGS,
  });
  const name = textOf(sent['name']);
  if (name === '') throw required('name');
  checkName(name);
  const location = (textOf(sent['location']) || 'US').toUpperCase();
  if (!isLocation(location)) throw invalid('The specified location constraint is not valid.');
  const storageClass = textOf(sent['storageClass']) || 'STANDARD';
  if (!CLASSES.includes(storageClass)) throw invalid('Invalid argument.');
  const labels = labelsOf(mapOf(sent['labels']));
  checkLabels(labels);
  return { name, location, storageClass, labels, settings: settingsOf(sent) };
}

/** What a bucket becomes: maps are merged, and null takes away. */
export function patchBucket(
  current: Pick<BucketWish, 'labels' | 'settings'>,
  body: unknown,
): Pick<BucketWish, 'labels' | 'settings'> {
  const sent = checkBody(body, { labels: 'nullable map', ...SETTINGS });
  const change = mapOf(sent['labels']);
  const kept = sent['labels'] === null ? {} : current.labels;
  const labels = labelsOf({ ...kept, ...change });
  checkLabels(labels);
  return { labels, settings: { ...current.settings, ...settingsOf(sent) } };
}

/** https://cloud.google.com/storage/docs/buckets#naming */
function checkName(name: string): void {
  const isLong = name.split('.').some((part) => part.length > 63);
  const isAddress = /^\d+\.\d+\.\d+\.\d+$/.test(name);
  const isGoogles = name.startsWith('goog') || /g[o0]{2}g[l1]e/.test(name);
  if (!NAME.test(name) || name.includes('..') || isLong || isAddress || isGoogles) {
    throw invalid(`Invalid bucket name: '${name}'`);
  }
  // Names with dots are domains, and somebody has to own them.
  if (name.includes('.')) {
    throw forbidden('The bucket you tried to create is a domain name owned by another user.');
  }
}

function labelsOf(labels: JsonMap): Readonly<Record<string, string>> {
  const entries = Object.entries(labels).flatMap(([key, value]) =>
    typeof value === 'string' ? [[key, value] as const] : [],
  );
  return Object.fromEntries(entries);
}

function settingsOf(sent: JsonMap): JsonMap {
  if (mapOf(sent['versioning'])['enabled'] === true) {
    throw invalid('Buckets that keep old generations are not offered here.');
  }
  return Object.fromEntries(Object.entries(sent).filter(([name]) => Object.hasOwn(SETTINGS, name)));
}
