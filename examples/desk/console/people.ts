// How people and ratings look: names, avatars, stars.

import type { Participant } from "../../../js/types/protocol.js";
import { el } from "./dom.js";
import type { I18n } from "./i18n.js";
import { icon } from "./icons.js";

const HUES = 8;

/** Somebody without a name is told apart by the end of the id. */
export function nameOf(i18n: I18n, person: Participant | undefined, role = person?.role): string {
  const name = person?.name.trim() ?? "";
  if (name !== "") return name;
  switch (role) {
    case "visitor":
      return i18n.t("who.visitor", { id: shortId(person?.id ?? "") }).trim();
    case "bot":
      return i18n.t("who.bot");
    case "system":
      return i18n.t("who.system");
    default:
      return i18n.t("who.agent");
  }
}

export function shortId(id: string): string {
  return id.replace(/[^0-9a-z]/gi, "").slice(-4).toUpperCase();
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/u);
  const first = firstLetter(words[0] ?? "");
  const last = words.length > 1 ? firstLetter(words[words.length - 1] ?? "") : "";
  // One ideograph fills the circle as two letters do.
  return /^\p{Script=Han}/u.test(first) ? first : (first + last).toUpperCase();
}

function firstLetter(word: string): string {
  return /[\p{L}\p{N}]\p{M}{0,2}/u.exec(word)?.[0] ?? "";
}

function hueOf(id: string): number {
  let sum = 7;
  for (let at = 0; at < id.length; at++) sum = (sum * 31 + id.charCodeAt(at)) % 65_521;
  return sum % HUES;
}

/** Decoration beside a name. */
export function avatar(person: Participant | undefined, size: "s" | "m" | "l"): HTMLElement {
  const letters = initials(person?.name ?? "");
  const hue = person?.role === "agent" ? "own" : hueOf(person?.id ?? "");
  const node = el(
    "span",
    { class: `avatar avatar-${size} hue-${hue}`, "aria-hidden": "true" },
    person?.role === "bot" ? icon("chat") : letters === "" ? icon("user") : letters,
  );
  const face = person?.avatar;
  // From the desk alone, as visitors get it: nobody else is to learn who reads.
  if (face && URL.canParse(face, location.href) && new URL(face, location.href).origin === location.origin) {
    const picture = el("img", { src: face, alt: "", referrerpolicy: "no-referrer", loading: "lazy" });
    picture.addEventListener("error", () => picture.remove());
    node.append(picture);
  }
  return node;
}

/** A place for an avatar that is drawn again only when the person looks different. */
export class AvatarSlot {
  readonly node = el("span", { class: "avatar-slot" });
  private shown = "";

  constructor(private readonly size: "s" | "m" | "l") {}

  update(person: Participant | undefined): void {
    const look = JSON.stringify([person?.role, person?.id, person?.name, person?.avatar]);
    if (look === this.shown) return;
    this.shown = look;
    this.node.replaceChildren(avatar(person, this.size));
  }
}

const STARS_MAX = 5;

/** Stars up to five points, a number beyond. */
export function stars(i18n: I18n, rating: number, scale: number): HTMLElement {
  const label = i18n.t("rating.stars", { rating, scale });
  if (scale > STARS_MAX) return el("span", { class: "stars" }, i18n.t("rating.value", { rating, scale }));
  const node = el("span", { class: "stars", role: "img", "aria-label": label });
  for (let star = 1; star <= scale; star++) node.append(icon("star", star <= rating ? "is-full" : "is-empty"));
  return node;
}
