/** Fails where the documentation points at something that is not there: a file, a heading, or an npm script. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');
const { scripts }: { scripts: Record<string, string> } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);

const pages = globSync(['*.md', '{docs,examples,bench,providers}/**/*.md'], {
  cwd: root,
  exclude: ['**/node_modules/**'],
}).map((path) => join(root, path));

const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '');

/** The anchors that a page offers, made as GitHub makes them. */
function anchorsOf(page: string): ReadonlySet<string> {
  const counts = new Map<string, number>();
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutCode(readFileSync(page, 'utf8')).matchAll(/^#+ +(.+)$/gm)) {
    const anchor = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    const count = counts.get(anchor) ?? 0;
    counts.set(anchor, count + 1);
    anchors.add(count === 0 ? anchor : `${anchor}-${count}`);
  }
  return anchors;
}

function problemsOf(page: string): readonly string[] {
  const text = readFileSync(page, 'utf8');
  const problems: string[] = [];
  for (const [, target = ''] of withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z][a-z0-9+.-]*:/i.test(target)) continue;
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : join(dirname(page), decodeURI(path));
    if (!existsSync(file)) problems.push(`links to ${target}, which is not there`);
    else if (anchor !== undefined && file.endsWith('.md') && !anchorsOf(file).has(anchor))
      problems.push(`links to ${target}, and there is no such heading`);
  }
  for (const [command, run, plain] of text.matchAll(
    /\bnpm (?:run ([a-z][\w:-]*)|(start|test)\b)/g,
  )) {
    const name = run ?? plain ?? '';
    // A page may show the scripts of the reader's own project.
    if (!(name in scripts) && !/^(?:dev|deploy)$/.test(name))
      problems.push(`names \`${command}\`, and there is no such script`);
  }
  return problems.map((problem) => `${relative(root, page)} ${problem}`);
}

const problems = pages.flatMap((page) => problemsOf(page));
if (problems.length > 0) {
  process.stderr.write(`${problems.join('\n')}\n`);
  process.exitCode = 1;
}
