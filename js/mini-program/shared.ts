import { DesksideError } from "../client/error.js";
import type { HostEvent } from "../types/client.js";
import { createDeskside, type Deskside, type DesksideOptions } from "./deskside.js";
import type { Host } from "./host.js";

/** What a component is told. */
export interface Watcher {
  changed(): void;
  happened(event: HostEvent): void;
  crashed(kind: "restarted" | "stopped"): void;
}

export interface SetUp extends DesksideOptions {
  /** The address of the help index, made by `npx deskside index`. */
  readonly help?: string;
}

/** The one client of this mini-program, which its components share. */
interface Shared {
  readonly host: Host;
  readonly options: SetUp;
  readonly watchers: Set<Watcher>;
  starting: Promise<Deskside> | null;
  help: Promise<void> | null;
}

let shared: Shared | null = null;

/** Says once, as in `App.onLaunch`, where the desk is. Nothing is loaded before it is needed. */
export function setUp(host: Host, options: SetUp): void {
  shared = { host, options, watchers: new Set(), starting: null, help: null };
}

/** The client, started where it is not yet. A failure is not remembered: the next call tries again. */
export function client(): Promise<Deskside> {
  const mine = theShared();
  const { host, options, watchers } = mine;
  const all = (tell: (watcher: Watcher) => void): void => watchers.forEach(tell);
  mine.starting ??= createDeskside(host, {
    ...options,
    onChange: () => {
      options.onChange?.();
      all((watcher) => watcher.changed());
    },
    onEvent: (event) => {
      options.onEvent?.(event);
      all((watcher) => watcher.happened(event));
    },
    onCrash: (kind) => {
      options.onCrash?.(kind);
      all((watcher) => watcher.crashed(kind));
    },
  }).catch((error: unknown) => {
    mine.starting = null;
    throw error;
  });
  return mine.starting;
}

/** Opens the help index; at once where it is open. */
export async function openHelp(): Promise<void> {
  const mine = theShared();
  const { help } = mine.options;
  if (help === undefined) return;
  mine.help ??= client()
    .then((running) => running.loadHelp(help))
    .catch((error: unknown) => {
      mine.help = null;
      throw error;
    });
  await mine.help;
}

/** Hears from now on what happens; gives what ends that. */
export function watch(watcher: Watcher): () => void {
  const { watchers } = theShared();
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export const theHost = (): Host => theShared().host;

function theShared(): Shared {
  if (shared === null) throw new DesksideError("not_set_up", "call setUp(host, {desk, site}) first, as in App.onLaunch");
  return shared;
}
