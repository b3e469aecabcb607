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

/** An error of the core as one of ours; anything else as it is. */
export function adopt(error: unknown): unknown {
  const code = (error as { code?: unknown } | null)?.code;
  if (error instanceof Error && typeof code === 'string') {
    return new DesksideError(code, error.message, { cause: error });
  }
  return error;
}
