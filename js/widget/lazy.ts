/** A part of the widget that is loaded when it is first needed, with its own styles. */
export class Lazy<T extends { readonly styles: string }> {
  private module: T | null = null;
  private coming: Promise<T> | null = null;

  constructor(
    private readonly load: () => Promise<T>,
    private readonly came: (styles: string) => void,
  ) {}

  /** It, or `null` until it has come; what asks for it draws again then. */
  get(): T | null {
    if (!this.module) void this.wait().catch(() => undefined);
    return this.module;
  }

  /** A failure is not remembered: whoever asks next tries again. */
  wait(): Promise<T> {
    this.coming ??= this.load().then(
      (module) => {
        this.module = module;
        this.came(module.styles);
        return module;
      },
      (error: unknown) => {
        this.coming = null;
        throw error;
      },
    );
    return this.coming;
  }
}
