/** A function that gives one answer, whatever it is asked. */
export const plainCode = (answer: string): string =>
  `export const handler = async () => '${answer}';`;
