/** Says which text it is, and what its environment gives it. */
export function saying(text: string): string {
  return `export default { invoke: async (input) => ({ said: '${text}', part: process.env.PART ?? null, input }) };`;
}
