import { execPath } from 'node:process';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

/** The loop of a custom runtime, on Lambda's Runtime API: answers every call with its own input. */
const LOOP = `
const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/invocation/';
for (;;) {
  const next = await fetch(api + 'next');
  const id = next.headers.get('lambda-runtime-aws-request-id');
  const input = await next.text();
  console.log('echoing ' + id);
  const isBad = input.includes('"fail"');
  const body = isBad ? JSON.stringify({ errorType: 'BadInput', errorMessage: 'told to fail' }) : input;
  await fetch(api + id + (isBad ? '/error' : '/response'), { method: 'POST', body });
}
`;

/** The files of a function that brings its own runtime, such as one in another language does. */
export const CUSTOM_RUNTIME_FILES: Readonly<Record<string, string>> = {
  bootstrap: `#!/bin/sh\nexec "${execPath}" "$LAMBDA_TASK_ROOT/main.mjs"\n`,
  'main.mjs': LOOP,
};

/** A zip of such files: `bootstrap` is a program, the rest is not. */
export async function zipOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const archive = new ZipFile();
  for (const [path, text] of Object.entries(files)) {
    const mode = path === 'bootstrap' ? 0o100755 : 0o100644;
    archive.addBuffer(Buffer.from(text), path, { mtime: new Date(0), mode });
  }
  archive.end();
  return await buffer(archive.outputStream);
}
