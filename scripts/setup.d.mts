/** Folder of the project, ending in a slash. */
export const root: string;

/** Checks the Node version, installs dependencies when the lockfile is not the installed one, builds when dist is stale. */
export function setUp(): void;
