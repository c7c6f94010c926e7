type OutputStream = 'stdout' | 'stderr';

/** Output comes in pieces, and is logged in lines. */
export class OutputLines {
  readonly #print: (stream: OutputStream, line: string) => void;
  readonly #rests = { stdout: '', stderr: '' };

  constructor(print: (stream: OutputStream, line: string) => void) {
    this.#print = print;
  }

  push(stream: OutputStream, text: string): void {
    const lines = (this.#rests[stream] + text).split('\n');
    this.#rests[stream] = lines.pop() ?? '';
    for (const line of lines) this.#tell(stream, line);
  }

  /** What has no end of its own is a line, too: nothing more comes. */
  flush(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      this.#tell(stream, this.#rests[stream]);
      this.#rests[stream] = '';
    }
  }

  #tell(stream: OutputStream, line: string): void {
    this.#print(stream, line.replace(/\r$/, ''));
  }
}
