import { describe } from 'vitest';
import { makeAwsSubject } from '../contract/aws-subject.ts';
import { describeParity } from '../support/parity/index.ts';

describe('AWS and this machine', () => {
  describeParity({
    makeSubject: () => makeAwsSubject(),
    stepMs: 1_000,
    // EventBridge Scheduler's: `source` is "aws.scheduler", and `detail` a text.
    hasOwnSchedules: true,
    differences: {
      SenderId: 'who sent it: an account or a user of AWS, nobody on this machine',
      configurationId: 'the name of the entry in the bucket’s configuration',
      // ARNs and what belongs to an account.
      arn: 'an ARN',
      principalId: 'of an account',
      ownerIdentity: 'of an account',
      sourceIPAddress: 'an address',
      account: 'an account',
      // Signatures are made with keys of AWS.
      Signature: 'a signature',
      SignatureVersion: 'a signature',
      SigningCertUrl: 'an address of AWS',
      UnsubscribeUrl: 'an address of AWS',
    },
  });
});
