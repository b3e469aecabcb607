import { DesksideError } from "../client/error.js";
import type { HostEvent } from "../types/client.js";
import type { Deskside } from "./deskside.js";
import type { Host } from "./host.js";

/** What a component is told. */
export interface Watcher {
  changed(): void;
  happened(event: HostEvent): void;
  crashed(kind: "restarted" | "stopped"): void;
}

/** What `setUp` leaves for the components. */
export interface SetUpHere {
  readonly host: Host;
  /** The client, started where it is not yet. A failure is not remembered: the next call tries again. */
  client(): Promise<Deskside>;
  /** Opens the help index; at once where it is open. */
  openHelp(): Promise<void>;
  /** Hears from now on what happens; gives what ends that. */
  watch(watcher: Watcher): () => void;
}

interface Platform {
  desksideSetUp?: SetUpHere;
}

declare const wx: Platform;
declare const my: Platform | undefined;
declare const tt: Platform | undefined;

/**
 * The app's script and the components' lie in different packages, and a bundler may put either into files
 * of its own: they meet at the platform's object, the only thing that surely both see.
 */
const platform = (): Platform => (typeof my !== "undefined" ? my : typeof tt !== "undefined" ? tt : wx);

export function leave(here: SetUpHere): void {
  platform().desksideSetUp = here;
}

/** @throws DesksideError `not_set_up` */
export function setUpHere(): SetUpHere {
  const here = platform().desksideSetUp;
  if (here === undefined) throw new DesksideError("not_set_up", "call setUp(host, {desk, site}) first, as in App.onLaunch");
  return here;
}

export const theHost = (): Host => setUpHere().host;
