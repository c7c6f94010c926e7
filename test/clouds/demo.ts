/** One program on every platform: `npm run demo:clouds [platform ...]`. */
import { PLATFORMS } from './platforms.ts';
import { VERBS } from './program.ts';
import { differing, table, type Row } from './table.ts';
import { tour } from './tour.ts';

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(PLATFORMS, name));
if (unknown.length > 0) {
  process.stderr.write(
    `there is no platform ${unknown.join(', ')}; there are: ${Object.keys(PLATFORMS).join(', ')}\n`,
  );
  process.exit(1);
}

process.stdout.write(
  'One program on every platform: the vendors’ own clients, each against a fake of its cloud on this machine.\n\n',
);
const rows: Row[] = [];
for (const [platform, makeSubject] of Object.entries(PLATFORMS)) {
  if (asked.length > 0 && !asked.includes(platform)) continue;
  let done = 0;
  const measured = await tour(platform, makeSubject, ({ verb }) => {
    done += 1;
    process.stderr.write(`  ${platform}: ${verb} (${done} of ${VERBS.length})\n`);
  });
  rows.push({ platform, measured });
}

process.stdout.write(`\n${table(rows)}\n\n`);
process.stdout.write(
  'Each cell: time, calls over the wire, digest of the answers. Times are of this library and the fakes.\n',
);
const different = differing(rows);
if (different.length === 0) {
  process.stdout.write(
    `The answers are the same on ${rows.map(({ platform }) => platform).join(', ')}.\n`,
  );
} else {
  process.stdout.write(`The answers differ: ${different.join(', ')}.\n`);
  for (const { platform, measured } of rows) {
    for (const { verb, answer } of measured) {
      if (different.includes(verb))
        process.stdout.write(`  ${platform} ${verb}: ${JSON.stringify(answer)}\n`);
    }
  }
  process.exitCode = 1;
}
