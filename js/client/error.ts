/** What went wrong, with a code that stays the same and a sentence that says what. */
export class DesksideError extends Error {
  override readonly name = 'DesksideError';

  constructor(
    /** Stable: programs may compare it. */
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A refusal of the core as one of our errors; undefined for anything that the core did not mean to throw. */
export function refusalOf(error: unknown): DesksideError | undefined {
  if (error instanceof DesksideError) return error;
  const code = (error as { code?: unknown } | null)?.code;
  const meant = error instanceof Error && error.name === 'DesksideError' && typeof code === 'string';
  return meant ? new DesksideError(code, error.message, { cause: error }) : undefined;
}
