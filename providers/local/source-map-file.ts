/** The source map of a version's code, in the folder of the code. Nothing but the stacks of errors depends on it. */
export const SOURCE_MAP_FILE = '.polyfaas-code.map';
