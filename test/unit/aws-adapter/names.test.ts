import { describe, expect, it } from 'vitest';
import { logGroupName, roleArn, roleName } from '../../../providers/aws/names.ts';
import { queueUrl } from '../../../providers/aws/shim/clients.ts';
import { partitionOf, regionOf } from '../../../providers/aws/region.ts';

describe('names', () => {
  it('of a role are readable, and differ by region and use', () => {
    expect(roleName({ physicalName: 'shop-dev-orders' }, 'eu-central-1', 'run')).toBe(
      'polyfaas-shop-dev-orders-eu-central-1',
    );
    expect(roleName({ physicalName: 'shop-dev-orders' }, 'us-east-1', 'run')).toBe(
      'polyfaas-shop-dev-orders-us-east-1',
    );
    expect(roleName({ physicalName: 'shop-dev-orders' }, 'us-east-1', 'schedule')).toBe(
      'polyfaas-shop-dev-orders-us-east-1-sched',
    );
  });

  it('of a role are cut with a hash where they are too long, and stay apart', () => {
    const long = 'a'.repeat(64);
    const names = ['eu-central-1', 'us-east-1'].flatMap((region) => [
      roleName({ physicalName: long }, region, 'run'),
      roleName({ physicalName: long }, region, 'schedule'),
      roleName({ physicalName: `${'a'.repeat(63)}b` }, region, 'run'),
    ]);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[\w+=,.@-]{1,64}$/);
  });

  it('know the partition', () => {
    const identity = { account: '123456789012', region: 'cn-north-1' };
    expect(roleArn(identity, { physicalName: 'f' }, 'run')).toBe(
      'arn:aws-cn:iam::123456789012:role/polyfaas-f-cn-north-1',
    );
    expect(partitionOf('us-gov-west-1')).toBe('aws-us-gov');
    expect(partitionOf('eu-west-1')).toBe('aws');
    expect(partitionOf('eusc-de-east-1')).toBe('aws-eusc');
    expect(partitionOf('us-iso-east-1')).toBe('aws-iso');
    expect(partitionOf('us-isob-east-1')).toBe('aws-iso-b');
    expect(partitionOf('eu-isoe-west-1')).toBe('aws-iso-e');
    expect(partitionOf('us-isof-south-1')).toBe('aws-iso-f');
    expect(queueUrl('arn:aws-eusc:sqs:eusc-de-east-1:123456789012:q')).toBe(
      'https://sqs.eusc-de-east-1.amazonaws.eu/123456789012/q',
    );
    expect(logGroupName('f')).toBe('/aws/lambda/f');
  });
});

describe('a region', () => {
  it.each([
    ['eu-central', {}, 'eu-central-1'],
    ['us-east', {}, 'us-east-1'],
    ['ap-southeast-4', {}, 'ap-southeast-4'],
    [undefined, { AWS_REGION: 'eu-west-3' }, 'eu-west-3'],
    [undefined, { AWS_DEFAULT_REGION: 'eu-west-2' }, 'eu-west-2'],
    [undefined, { AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-2' }, 'eu-west-2'],
    ['eu-west-1', { AWS_REGION: 'eu-west-3' }, 'eu-west-1'],
    [undefined, {}, undefined],
  ])('%s with %j is %s', (given, env, region) => {
    expect(regionOf(given, env)).toBe(region);
  });
});
