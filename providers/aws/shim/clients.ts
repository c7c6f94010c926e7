/**
 * The SDK that Lambda's Node runtimes bring along. `require` finds it there (by `NODE_PATH`), an `import` would not;
 * and nothing of it is loaded before it is needed.
 */
import { createRequire } from 'node:module';
import type * as LambdaSdk from '@aws-sdk/client-lambda';
import type * as SqsSdk from '@aws-sdk/client-sqs';
import { dnsSuffixOf } from '../partitions.ts';

let lambda: LambdaSdk.Lambda | undefined;
let sqs: SqsSdk.SQS | undefined;

export function lambdaClient(): LambdaSdk.Lambda {
  if (lambda === undefined) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package of that name
    const sdk = load('@aws-sdk/client-lambda') as typeof LambdaSdk;
    lambda = new sdk.Lambda({});
  }
  return lambda;
}

export function sqsClient(): SqsSdk.SQS {
  if (sqs === undefined) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package of that name
    const sdk = load('@aws-sdk/client-sqs') as typeof SqsSdk;
    // URLs are made from ARNs here; which host answers is the SDK's business.
    sqs = new sdk.SQS({ useQueueUrlAsEndpoint: false });
  }
  return sqs;
}

function load(name: string): unknown {
  return createRequire(import.meta.url)(name);
}

/** The URL of a queue, from its ARN. */
export function queueUrl(arn: string): string {
  const [, partition = 'aws', , region = '', account = '', name = ''] = arn.split(':');
  return `https://sqs.${region}.${dnsSuffixOf(partition)}/${account}/${name}`;
}
