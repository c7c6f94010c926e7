/** Partitions: AWS's separate clouds, each with its own ARNs and addresses. This module imports nothing: the shim uses it. */

interface Partition {
  readonly name: string;
  /** What the names of its regions begin with. */
  readonly prefix: string;
  readonly dnsSuffix: string;
}

/** As botocore's `partitions.json` has them, 2026-08. */
const PARTITIONS: readonly Partition[] = [
  { name: 'aws-cn', prefix: 'cn-', dnsSuffix: 'amazonaws.com.cn' },
  { name: 'aws-us-gov', prefix: 'us-gov-', dnsSuffix: 'amazonaws.com' },
  { name: 'aws-eusc', prefix: 'eusc-', dnsSuffix: 'amazonaws.eu' },
  { name: 'aws-iso', prefix: 'us-iso-', dnsSuffix: 'c2s.ic.gov' },
  { name: 'aws-iso-b', prefix: 'us-isob-', dnsSuffix: 'sc2s.sgov.gov' },
  { name: 'aws-iso-e', prefix: 'eu-isoe-', dnsSuffix: 'cloud.adc-e.uk' },
  { name: 'aws-iso-f', prefix: 'us-isof-', dnsSuffix: 'csp.hci.ic.gov' },
];

/** The partition that ARNs of a region begin with. */
export function partitionOf(region: string): string {
  return PARTITIONS.find(({ prefix }) => region.startsWith(prefix))?.name ?? 'aws';
}

/** What the names of a partition's hosts end with. */
export function dnsSuffixOf(partition: string): string {
  return PARTITIONS.find(({ name }) => name === partition)?.dnsSuffix ?? 'amazonaws.com';
}
