/** How deep lines are indented: compared character by character, because nobody knows how wide a tab is. */
import type { Scanner } from './scanner.ts';

/** What stands in front of the line's first character. */
export function lineIndentation(scanner: Scanner): string {
  const blank = scanner.text.slice(scanner.lineStart, scanner.offset);
  if (blank.includes(' \t')) {
    scanner.refuse(
      'the indentation has a tab behind spaces. Use one of them, or tabs first and then spaces.',
    );
  }
  return blank;
}

/** How the lines below an item of a list are indented, to continue what stands behind its dash: here. */
export function itemIndentation(scanner: Scanner): string {
  const before = scanner.text.slice(scanner.lineStart, scanner.offset);
  // A tab behind the dash ends where a tab in place of the dash would.
  return before.replaceAll('-\t', '\t').replaceAll('-', ' ');
}

/** @returns more than 0 when the line of the offset is deeper than the block, 0 when it is as deep. */
export function compareIndentation(scanner: Scanner, line: string, block: string): number {
  if (line.startsWith(block) || block.startsWith(line)) return line.length - block.length;
  return scanner.refuse(
    `the indentation cannot be compared with that of the lines above: here ${described(line)}, there ${described(block)}. Use the same characters.`,
  );
}

function described(indentation: string): string {
  const tabs = indentation.lastIndexOf('\t') + 1;
  const spaces = indentation.length - tabs;
  return [count(tabs, 'tab'), count(spaces, 'space')].filter((part) => part !== '').join(' and ');
}

function count(number: number, what: string): string {
  if (number === 0) return '';
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
