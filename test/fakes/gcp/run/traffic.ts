import { GoogleFault } from '../core/fault.ts';
import { mapOf, textOf } from '../core/json.ts';
import { violation } from './names.ts';
import { revisionOf, type RunRevision, type RunService, type TrafficTarget } from './state.ts';
import { minInstancesOf } from './template.ts';

const LATEST = 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST';
const REVISION = 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION';
const TAG = /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/;
/** A tag and the service's name are one label of a host name. */
const MOST_TAG_AND_NAME = 46;
const AT = 'Violation in UpdateServiceRequest.service.traffic';

export const ALL_TO_LATEST: readonly TrafficTarget[] = [
  { isLatest: true, revision: '', percent: 100, tag: '' },
];

/** The targets of a service's `traffic`; none of them is all traffic to the latest. @throws GoogleFault */
export function readTraffic(service: string, traffic: unknown): readonly TrafficTarget[] {
  const list: readonly unknown[] = Array.isArray(traffic) ? traffic : [];
  if (list.length === 0) return ALL_TO_LATEST;
  const targets = list.map((target, index) => readTarget(service, target, `${AT}[${index}]`));
  const sum = targets.reduce((total, { percent }) => total + percent, 0);
  if (sum !== 100)
    throw violation(AT, `Traffic percentages should add up to 100, but add up to ${sum}.`);
  const tags = targets.flatMap(({ tag }) => (tag === '' ? [] : [tag]));
  const twice = tags.find((tag, index) => tags.indexOf(tag) !== index);
  if (twice !== undefined) throw violation(AT, `The tag '${twice}' is used more than once.`);
  return targets;
}

function readTarget(service: string, target: unknown, at: string): TrafficTarget {
  const { type, revision, percent = 0, tag } = mapOf(target);
  const isLatest = type === LATEST;
  if (!isLatest && type !== REVISION) throw violation(`${at}.type`, 'should be set.');
  if (isLatest && textOf(revision) !== '')
    throw violation(`${at}.revision`, 'should not be set with traffic to the latest revision.');
  if (!isLatest && textOf(revision) === '') throw violation(`${at}.revision`, 'should be set.');
  if (typeof percent !== 'number' || percent < 0 || percent > 100)
    throw violation(`${at}.percent`, 'should be between 0 and 100.');
  checkTag(service, textOf(tag), at);
  return { isLatest, revision: textOf(revision), percent, tag: textOf(tag) };
}

function checkTag(service: string, tag: string, at: string): void {
  if (tag === '') return;
  if (!TAG.test(tag)) {
    throw violation(
      `${at}.tag`,
      'only lowercase, digits, and hyphens; must begin with letter, and cannot end with hyphen.',
    );
  }
  if (tag.length + service.length > MOST_TAG_AND_NAME) {
    throw violation(
      'spec.traffic.tag',
      `traffic tag '${tag}' and service name '${service}' together are too long. Combined traffic tag and service name cannot exceed ${MOST_TAG_AND_NAME} characters.`,
    );
  }
}

/** @throws GoogleFault for targets that cannot serve */
export function checkTargets(service: RunService, targets: readonly TrafficTarget[]): void {
  for (const target of targets) {
    if (target.isLatest) continue;
    const revision = service.revisions.find(({ name }) => name === target.revision);
    if (!revision || revision.state === 'deleting') {
      throw new GoogleFault(
        'INTERNAL',
        `Revision '${target.revision}' does not exist or is deleted. Update all traffic to route to currently available revisions.`,
      );
    }
    if (revision.state !== 'ready')
      throw new GoogleFault('FAILED_PRECONDITION', revision.problem || NOT_READY(revision));
  }
}

const NOT_READY = ({ name }: RunRevision): string =>
  `Revision '${name}' is not ready and cannot serve traffic.`;

/** As the API writes a target. */
export function targetForm({ isLatest, revision, percent, tag }: TrafficTarget): object {
  return { type: isLatest ? LATEST : REVISION, revision, percent, tag };
}

/** The revision for one request: of a tag, or by chance as the percentages say. */
export function routeOf(service: RunService, tag: string | undefined): RunRevision | undefined {
  if (tag !== undefined) {
    const target = service.traffic.find((each) => each.tag === tag);
    return target && revisionOf(service, target);
  }
  let chance = Math.random() * 100;
  for (const target of service.traffic) {
    chance -= target.percent;
    if (chance < 0) return revisionOf(service, target);
  }
  return undefined;
}

/** How many instances of each revision are kept ready: those of the service go along with its traffic. */
export function minInstances(service: RunService, revision: RunRevision): number {
  const targets = service.traffic.filter((each) => revisionOf(service, each) === revision);
  if (targets.length === 0) return 0;
  const percent = targets.reduce((sum, each) => sum + each.percent, 0);
  const wished = mapOf(service.config['scaling'])['minInstanceCount'];
  const shared = Math.ceil(((typeof wished === 'number' ? wished : 0) * percent) / 100);
  return Math.max(shared, minInstancesOf(revision.template));
}
