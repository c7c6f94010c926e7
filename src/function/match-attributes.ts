/** Whether a message passes a topic's filter: each attribute that is named must have one of its values. */
export function matchAttributes(
  filter: Readonly<Record<string, readonly string[]>>,
  attributes: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(filter).every(([name, values]) => {
    const value = attributes[name];
    return value !== undefined && values.includes(value);
  });
}
