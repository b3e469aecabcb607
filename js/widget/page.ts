/** What the widget takes from, and does to, the page around it. */

/** The same border as in the style sheets. */
const FULL_SCREEN = "(max-width: 480px), (max-height: 480px)";

/** A small screen, which the panel fills. */
export class FullScreen {
  private readonly query = matchMedia(FULL_SCREEN);
  private open = false;
  private overflow: string | null = null;

  constructor(
    readonly surface: HTMLElement,
    changed: () => void,
  ) {
    this.query.addEventListener("change", () => {
      this.fit();
      changed();
    });
    // The keyboard of a phone covers the page without telling it; only the visual viewport knows.
    window.visualViewport?.addEventListener("resize", () => this.fit());
    window.visualViewport?.addEventListener("scroll", () => this.fit());
  }

  get matches(): boolean {
    return this.query.matches;
  }

  /** The panel opened or closed. */
  panel(open: boolean): void {
    this.open = open;
    this.fit();
  }

  private fit(): void {
    const covers = this.open && this.matches;
    this.lockScrolling(covers);
    const viewport = window.visualViewport;
    if (!covers || !viewport) return;
    this.surface.style.setProperty("--viewport-top", `${viewport.offsetTop}px`);
    this.surface.style.setProperty("--viewport-height", `${viewport.height}px`);
  }

  /** The page behind a panel that fills the screen stays where it is. */
  private lockScrolling(lock: boolean): void {
    const { style } = document.documentElement;
    if (lock === (this.overflow !== null)) return;
    if (lock) {
      this.overflow = style.overflow;
      style.overflow = "hidden";
    } else {
      style.overflow = this.overflow ?? "";
      this.overflow = null;
    }
  }
}

/** Keeps `data-theme` at light or dark, whatever `auto` means at the moment. */
export class Theme {
  private readonly query = matchMedia("(prefers-color-scheme: dark)");
  private wanted = "auto";

  constructor(readonly surface: HTMLElement) {
    this.query.addEventListener("change", () => this.apply());
  }

  set(wanted: string): void {
    this.wanted = wanted;
    this.apply();
  }

  private apply(): void {
    const auto = this.query.matches ? "dark" : "light";
    this.surface.dataset["theme"] = this.wanted === "light" || this.wanted === "dark" ? this.wanted : auto;
  }
}

/** The element that has the focus, if it lies within `scope`. */
export function focusedWithin(scope: Element | null): Element | null {
  const root = scope?.getRootNode();
  const active = root instanceof ShadowRoot ? root.activeElement : null;
  return active && scope?.contains(active) ? active : null;
}

/** A device that is pointed at with a finger: giving a field the focus there brings up the keyboard. */
export function isTouch(): boolean {
  return matchMedia("(pointer: coarse)").matches;
}

/** The visitor asked for less motion. */
export function prefersStillness(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
