/** Runs the contract on AWS for its requests alone: `node test/aws-models/record.ts <file>`. */
import { writeFileSync } from 'node:fs';
import { argv, exit, stderr } from 'node:process';
import { collectContract } from 'polyfaas/contract';
import { makeAwsSubject } from '../contract/aws-subject.ts';
import { QUICK_AREAS } from '../support/areas.ts';
import { recordRequests } from './recorder.ts';

const [, , file] = argv;
if (file === undefined) {
  stderr.write('usage: node test/aws-models/record.ts <file>\n');
  exit(2);
}
writeFileSync(file, '');
recordRequests(file);

// A fault repeats requests that are there already.
const results = await collectContract(makeAwsSubject, { areas: QUICK_AREAS });
const failed = results.filter(({ status }) => status === 'failed');
for (const { area, id, error } of failed) stderr.write(`${area}/${id} failed: ${String(error)}\n`);
stderr.write(`${results.length} cases, ${failed.length} failed\n`);
exit(failed.length === 0 ? 0 : 1);
