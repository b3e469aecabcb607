import type { App } from "../app.js";
import type { Settings } from "../settings.js";

type Identity = NonNullable<Settings["identity"]>;

/** Who leaves a message, and where they are answered: kept in this tab until it is said, and taken from the site's token. */
export class Addressee {
  name = "";
  replyTo = "";
  /** Why the message was not taken; empty while it was not refused. */
  problem = "";

  constructor(
    readonly place: string,
    identity: Identity | null,
    private readonly came: () => void,
  ) {
    try {
      const { name, replyTo } = JSON.parse(sessionStorage.getItem(place) ?? "{}") as Record<string, unknown>;
      this.name = text(name);
      this.replyTo = text(replyTo);
    } catch {
      // No storage, or not of ours.
    }
    if (identity && !this.replyTo) void this.ask(identity);
  }

  put(what: { name?: string; replyTo?: string }): void {
    Object.assign(this, what);
    const { name, replyTo } = this;
    this.keep(JSON.stringify({ name, replyTo }));
  }

  /** It stands in the message now. The next one in this page has it filled in all the same. */
  said(): void {
    this.keep("{}");
  }

  private keep(kept: string): void {
    try {
      sessionStorage.setItem(this.place, kept);
    } catch {
      // Refused or full.
    }
  }

  /** What the site says of its visitor; the desk checks it, here it only saves typing. */
  private async ask(identity: Identity): Promise<void> {
    try {
      const claims = (await identity.token()).split(".")[1] ?? "";
      const bytes = Uint8Array.from(atob(claims.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
      const { email, name } = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
      this.replyTo ||= text(email);
      this.name ||= text(name);
      this.came();
    } catch {
      // There is none, or it does not say.
    }
  }
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

const addressees = new WeakMap<App, Addressee>();

/** The one of whoever sits here now. */
export function addresseeOf(app: App): Addressee {
  const { site, identity } = app.settings;
  const place = `deskside:ticket:${site}:${identity?.user ?? ""}`;
  let found = addressees.get(app);
  if (found?.place !== place) addressees.set(app, (found = new Addressee(place, identity, () => app.draw())));
  return found;
}
