/** Lines that tell how far the demonstration is. */
import { styleText } from 'node:util';

let steps = 0;

/** Runs one step and prints a line for it. What the work returns is printed behind the time. */
export async function step<Result>(
  title: string,
  work: () => Promise<Result>,
  tell: (result: Result) => string = () => '',
): Promise<Result> {
  const started = performance.now();
  const line = (mark: string, detail: string): void => {
    const time = `${Math.round(performance.now() - started)} ms`.padStart(8);
    process.stdout.write(`${mark} ${title.padEnd(44)} ${styleText('dim', time)}  ${detail}\n`);
  };
  try {
    const result = await work();
    line(styleText('green', '✔'), tell(result));
    steps += 1;
    return result;
  } catch (error) {
    line(styleText('red', '✘'), '');
    throw error;
  }
}

/** How many steps have ended well. */
export const stepsDone = (): number => steps;

/** Stops the demonstration when something is not as it says. */
export function expect(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`the demonstration expected ${what}`);
}

/** A table of text: the first column to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  '),
  );
  const [head = '', ...body] = lines;
  return [styleText('bold', head), '─'.repeat(head.length), ...body].join('\n');
}
