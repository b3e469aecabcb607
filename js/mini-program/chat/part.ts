import type { Action } from "../../types/client.js";
import type { View } from "../../types/view.js";
import type { Deskside } from "../deskside.js";
import type { Texts } from "../texts.js";

/** What the parts of the screen have of it. */
export interface Stage {
  readonly texts: Texts;
  /** The core, once it runs. */
  readonly running: Deskside | null;
  /** Draws what is not as it was. */
  show(): void;
  /** Does something; the refusal's code, or null. */
  dispatch(action: Action): string | null;
  /** Opens a link: an article of this index, or an address for elsewhere. */
  follow(href: string): void;
}

/** What `setData` sends of a tap: `data-` attributes, as the runtime kept their types. */
export interface Tapped {
  readonly id?: string;
  readonly q?: string;
  readonly v?: string | number;
  readonly title?: string;
  readonly payload?: string;
  readonly link?: string;
}

/** What was typed, chosen, or scrolled to. */
export interface Told {
  readonly value?: unknown;
  readonly height?: number;
  readonly scrollTop?: number;
}

export type Taps = Readonly<Record<string, (told: Told, tapped: Tapped) => void>>;

export const convOf = (view: View | undefined): string | undefined => view?.conversation?.id;
