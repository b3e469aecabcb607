// What a person can put right: said in one sentence, without a stack.

/** A wrong command line: exit code 2. */
export class Usage extends Error {}

/** Anything else: exit code 1. */
export class Failure extends Error {}

/**
 * @param {unknown} error
 * @returns {string} what the system says, without our own code in it
 */
export const messageOf = (error) => (error instanceof Error ? error.message : String(error));
